import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOfFiles, type PolicyFiles } from "@sluice/bundle/build";
import { ok, Secret } from "@sluice/kernel";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readConsoleAccess } from "../env.ts";
import { policyCommand } from "./policy-command.ts";

// the official parser and validator take their time on a busy machine
vi.setConfig({ testTimeout: 30_000 });

const policy = (id: string, verb = "select") =>
  `@id("${id}")\npermit (\n  principal is User,\n  action == Action::"sql.read.${verb}",\n  resource\n);\n`;

interface Call {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: { base: string; dryRun: boolean; files: PolicyFiles } | undefined;
}

let server: Server;
let url: URL;
let root = "";
let folder = "";
let published: PolicyFiles = {};
let calls: Call[] = [];
let refusal: { status: number; message: string } | undefined;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "sluice-remote-"));
  folder = join(root, "policies");
  published = { "access/a.cedar": policy("a"), "access/b.cedar": policy("b") };
  calls = [];
  refusal = undefined;
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = new URL(`http://127.0.0.1:${address.port}`);
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString("utf8");
  const { authorization } = request.headers;
  calls.push({ path: request.url ?? "", authorization, body: text === "" ? undefined : JSON.parse(text) });
  response.statusCode = refusal?.status ?? 200;
  const error = { error: { code: "x", ...refusal } };
  response.end(JSON.stringify(refusal === undefined ? answerTo(request.url ?? "") : error));
}

function answerTo(path: string): object {
  if (path.startsWith("/api/v1/policies/export"))
    return { version: 4, base: digestOfFiles(published), files: published };
  if (path.endsWith("/discard")) return { number: 7, state: "discarded" };
  if (path.endsWith("/publish")) return { version: 5, requestId: null };
  const last = calls.at(-1)?.body;
  const differs = JSON.stringify(last?.files) !== JSON.stringify(published);
  const changes = differs ? [{ id: "a", set: "access", kind: "changed", before: "x", after: "y" }] : [];
  return {
    draft: last?.dryRun === true ? null : 7,
    baseVersion: 4,
    differs,
    testsChanged: false,
    changes,
    warnings: [],
  };
}

async function run(...args: string[]) {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const access = ok({ url, token: new Secret("token-of-ana") });
  const code = await policyCommand(args, { terminal: { print: note, complain: note }, usage: "usage", access });
  return { code, text: lines.join("\n") };
}

describe("sluice policy with a console", () => {
  test("export writes the folder, takes away what is no more, and changes nothing the second time", async () => {
    expect(await run("export", folder)).toEqual({ code: 0, text: `2 files of version 4 in ${folder}` });
    const first = readFileSync(join(folder, "sluice.json"), "utf8");
    expect(calls[0]?.authorization).toBe("Bearer token-of-ana");
    published = { "access/a.cedar": policy("a") };
    expect((await run("export", folder)).text).toContain("access/b.cedar removed");
    expect(existsSync(join(folder, "access/b.cedar"))).toBe(false);
    expect(readFileSync(join(folder, "sluice.json"), "utf8")).not.toBe(first);
    expect(await run("check", folder)).toEqual({ code: 0, text: "1 policy, 0 errors, 0 warnings" });
  });

  test("export does not overwrite edits that the console never saw, unless forced", async () => {
    await run("export", folder);
    writeFileSync(join(folder, "access/a.cedar"), policy("a", "explain"));
    const refused = await run("export", folder);
    expect(refused).toMatchObject({ code: 2, text: expect.stringContaining("--force") });
    expect(readFileSync(join(folder, "access/a.cedar"), "utf8")).toBe(policy("a", "explain"));
    expect((await run("export", folder, "--force")).code).toBe(0);
  });

  test("export writes nothing outside its folder, whatever the console answers", async () => {
    published = { "../evil.cedar": policy("a") };
    expect((await run("export", folder)).code).toBe(2);
    published = { "access/A.cedar": policy("A"), "access/a.cedar": policy("a") };
    expect((await run("export", folder)).text).toContain("differ only in upper and lower case");
    expect(existsSync(folder)).toBe(false);
  });

  test("import shows the difference, keeps a draft, and says how to publish it", async () => {
    await run("export", folder);
    writeFileSync(join(folder, "access/a.cedar"), policy("a", "explain"));
    const dry = await run("import", folder, "--dry-run");
    expect(dry.code).toBe(0);
    expect(dry.text).toContain("~ access a changed");
    expect(calls.filter(({ path }) => path.endsWith("/import")).map(({ body }) => body?.dryRun)).toEqual([true]);
    const made = await run("import", folder, "--note", "why");
    expect(made.text).toContain("sluice policy publish 7");
    expect(calls.at(-1)?.body).toMatchObject({ dryRun: false, note: "why", base: digestOfFiles(published) });
    expect(await run("publish", "7")).toEqual({ code: 0, text: "version 5 is published" });
    expect(calls.at(-1)?.body).toEqual({});
  });

  test("publish overrides failing tests only where it says why, and discard puts a draft aside", async () => {
    await run("publish", "7", "--override-tests", "The tests follow");
    expect(calls.at(-1)).toMatchObject({
      path: "/api/v1/policies/drafts/7/publish",
      body: { overrideTests: "The tests follow" },
    });
    expect(await run("discard", "7")).toEqual({ code: 0, text: "draft 7 is discarded" });
    expect(calls.at(-1)?.path).toBe("/api/v1/policies/drafts/7/discard");
    expect(await run("discard", "../7")).toMatchObject({ code: 2 });
    expect(await run("discard", "7", "--note", "x")).toMatchObject({ code: 2 });
  });

  test("import takes its base from a folder in CI, and refuses without any", async () => {
    const before = join(root, "before");
    await run("export", before);
    rmSync(join(before, "sluice.json"));
    expect(await run("import", before)).toMatchObject({ code: 2, text: expect.stringContaining("--base") });
    expect((await run("import", before, "--base", before, "--dry-run")).code).toBe(0);
    expect(calls.at(-1)?.body?.base).toBe(digestOfFiles(published));
  });

  test("a folder with an error never leaves the machine", async () => {
    await run("export", folder);
    writeFileSync(join(folder, "access/a.cedar"), "permit (");
    calls = [];
    expect(await run("import", folder)).toMatchObject({ code: 1, text: expect.stringContaining("access/a.cedar:1:") });
    expect(calls).toEqual([]);
  });

  test("what the console refuses is 1, a console that cannot be asked is 2", async () => {
    await run("export", folder);
    refusal = { status: 409, message: "Version 5 is in force." };
    expect(await run("import", folder)).toEqual({ code: 1, text: "Version 5 is in force." });
    refusal = { status: 401, message: "Send a working API token." };
    expect(await run("export", folder)).toEqual({ code: 2, text: "Send a working API token." });
    await new Promise((resolve) => server.close(resolve));
    expect(await run("publish", "7")).toMatchObject({ code: 2, text: expect.stringContaining("cannot be asked") });
  });

  test("diff --published compares with what is in force", async () => {
    await run("export", folder);
    expect(await run("diff", folder, "--published")).toEqual({ code: 0, text: "no policy differs" });
    writeFileSync(join(folder, "access/c.cedar"), policy("c"));
    expect(await run("diff", folder, "--published")).toMatchObject({
      code: 1,
      text: expect.stringContaining("+ access c added"),
    });
  });
});

test("a token is not sent in clear to another machine", () => {
  const access = (address: string) => readConsoleAccess({ SLUICE_URL: address, SLUICE_API_TOKEN: "t" });
  expect(access("http://acme.sluice.example").ok).toBe(false);
  expect(access("ftp://acme.sluice.example").ok).toBe(false);
  expect(readConsoleAccess({}).ok).toBe(false);
  expect(access("https://acme.sluice.example").ok).toBe(true);
  expect(access("http://acme.localhost:3000").ok).toBe(true);
});
