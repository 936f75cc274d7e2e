import { describe, expect, test } from "vitest";
import { readStartup } from "./startup.ts";

const read = (parameters: Record<string, string>) =>
  readStartup(new Map(Object.entries({ user: "ana", ...parameters })));

describe("a startup packet", () => {
  test("passes settings that only change how values look, under PostgreSQL's own names", () => {
    const request = read({
      datestyle: "ISO",
      application_name: "psql",
      options: "-c statement_timeout=5s --timezone=UTC",
    });
    expect(request).toMatchObject({
      ok: true,
      value: { settings: { DateStyle: "ISO", statement_timeout: "5s", TimeZone: "UTC", client_encoding: "UTF8" } },
    });
  });

  test.each([
    ["a role", { role: "postgres" }],
    ["a role in options", { options: "-c role=postgres" }],
    ["a role in options without a space", { options: "-crole=postgres" }],
    ["a long option", { options: "--session-preload-libraries=x" }],
    ["an option of another form", { options: "-d 5" }],
    ["replication", { replication: "true" }],
    ["replication to a database", { replication: "database" }],
    ["another encoding", { client_encoding: "SJIS" }],
    ["strings that mean something else", { standard_conforming_strings: "off" }],
    ["no user", { user: "" }],
  ])("is refused with %s", (_what, parameters) => {
    expect(read(parameters).ok).toBe(false);
  });
});
