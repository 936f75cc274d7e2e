import { readFileSync } from "node:fs";
import { Secret, unwrap } from "@sluice/kernel";
import { afterEach, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { dial } from "../../upstream/dial.ts";
import { leftover, resetSession } from "./reset-session.ts";
import { TrustedQueries } from "./trusted-query.ts";
import { openUpstream, POSTGRES_TLS_OPENING } from "./upstream.ts";

let queries: TrustedQueries | undefined;
afterEach(() => queries?.close());

async function open(settings: Record<string, string> = {}): Promise<TrustedQueries> {
  const { caFile, database, host, owner, port } = inject("upstream");
  const target = { host, port, tls: "verify-full", ca: readFileSync(caFile, "utf8"), timeoutMs: 5_000 } as const;
  const credentials = { user: owner.user, password: new Secret(owner.password) };
  const stream = unwrap(await dial(target, POSTGRES_TLS_OPENING));
  const connection = unwrap(
    await openUpstream(stream, { database, credentials, settings, frameBytesMax: 1 << 20, timeoutMs: 5_000 }),
  );
  queries = new TrustedQueries(connection);
  return queries;
}

test.each([
  ["SET search_path TO public", "settings are changed"],
  ["SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "settings are changed"],
  ["CREATE TEMPORARY TABLE left_behind (a int)", "temporary objects are left"],
  ["CREATE TEMPORARY VIEW left_view AS SELECT 1", "temporary objects are left"],
  ["CREATE FUNCTION pg_temp.left_function() RETURNS int LANGUAGE sql AS 'SELECT 1'", "temporary functions are left"],
  ["PREPARE left_statement AS SELECT 1", "prepared statements are left"],
  ["DECLARE left_cursor CURSOR WITH HOLD FOR SELECT 1", "cursors are open"],
  ["LISTEN left_channel", "channels are listened to"],
  ["SELECT pg_advisory_lock(4711)", "advisory locks are held"],
])("what `%s` leaves behind is seen, and gone after a reset", async (sql, problem) => {
  const session = await open();
  expect(await leftover(session)).toBeUndefined();
  await session.query(sql);
  expect(await leftover(session)).toBe(problem);
  expect(await resetSession(session)).toBeUndefined();
});

test("a role that was taken on and settings that nobody defined are gone after a reset", async () => {
  const session = await open();
  await session.query("SET ROLE NONE");
  await session.query("SET my.secret TO 'left behind'");
  expect(await resetSession(session)).toBeUndefined();
  expect(await session.query("SELECT current_setting('my.secret', true), current_setting('role')")).toEqual([
    ["", "none"],
  ]);
});

test("currval, sequences and listened notifications of the session before are gone", async () => {
  const session = await open();
  await session.query("CREATE TEMPORARY SEQUENCE counted");
  await session.query("SELECT nextval('counted')");
  await session.query("LISTEN left_channel");
  await session.query("NOTIFY left_channel, 'to nobody'");
  expect(await resetSession(session)).toBeUndefined();
  await expect(session.query("SELECT lastval()")).rejects.toThrow("55000");
  expect(await session.query("SELECT count(*) FROM pg_listening_channels()")).toEqual([["0"]]);
  expect(session.alive).toBe(true);
});

test("a startup packet's own settings are the state that a reset brings back, whatever its search_path shadows", async () => {
  const session = await open({ search_path: "public, pg_catalog", application_name: "mine" });
  await session.query(
    "CREATE OR REPLACE FUNCTION public.never(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'",
  );
  await session.query("DROP OPERATOR IF EXISTS public.= (text, text)");
  await session.query("CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.never)");
  try {
    await session.query("SET statement_timeout TO '7s'");
    expect(await leftover(session)).toBe("settings are changed");
    expect(await resetSession(session)).toBeUndefined();
    expect(await session.query("SHOW application_name")).toEqual([["mine"]]);
  } finally {
    await session.query("DROP OPERATOR public.= (text, text)");
    await session.query("DROP FUNCTION public.never(text, text)");
  }
});

test("a reset in an open transaction is refused by the server, and so by us", async () => {
  const session = await open();
  await session.query("BEGIN");
  await expect(resetSession(session)).rejects.toThrow("25001");
});
