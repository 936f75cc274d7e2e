import { compilePolicies } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import { createSnapshot, entityUid, load, value } from "@sluice/policy-engine";
import { describe, expect, test } from "vitest";
import { commonFields } from "./context.ts";

const policies = {
  guardrails: `@id("office-only")
    forbid (principal, action == Action::"session.open", resource)
    unless { context.client.ip.isInRange(ip("10.0.0.0/8")) };
    @id("not-from-the-guest-network")
    forbid (principal, action == Action::"session.open", resource)
    when { context.client.ip.isInRange(ip("10.9.0.0/16")) };`,
  access: `@id("open") permit (principal, action == Action::"session.open", resource);`,
  obligations: "",
};
const engine = unwrap(load(unwrap(compilePolicies(policies))));

function openFrom(ip: string) {
  const client = { ip, application: "psql", protocol: "postgres" };
  return engine.decide({
    principal: entityUid("User", "ana"),
    action: entityUid("Action", "session.open"),
    resource: entityUid("Database", "shop"),
    context: value.record(commonFields(Date.now(), client, undefined)),
    entities: createSnapshot([]),
  });
}

describe("the client's address in a context", () => {
  test("is the plain address, also of a mapped or zoned one", () => {
    expect(openFrom("10.1.2.3").kind).toBe("allow");
    expect(openFrom("::ffff:10.1.2.3").kind).toBe("allow");
    expect(openFrom("10.9.0.1")).toMatchObject({ kind: "deny", code: "forbidden" });
  });

  test("denies by every policy that reads it when it is unknown", () => {
    for (const ip of ["", "nowhere", "10.1.2"]) {
      expect(openFrom(ip)).toMatchObject({
        kind: "deny",
        code: "policy_error",
        determining: ["office-only", "not-from-the-guest-network"],
      });
    }
  });
});
