import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { logOf, type StackProcess, startTestStack, type TestStack } from "../kit/stack.ts";
import { callApi } from "./api.ts";
import { eventually, recordsOf } from "./control-data.ts";
import { runPsql } from "./psql.ts";

const statements = 40;
const policiesSchema = z.object({
  sets: z.object({ guardrails: z.string(), access: z.string(), obligations: z.string() }),
});
const runSchema = z.object({
  totals: z.object({ flips: z.number() }),
  enforcers: z.array(z.object({ state: z.string(), restarts: z.number() })),
});
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(async () => {
  await stack?.remove();
});

const anaUrl = () => stack.file.resources["shop"]?.urls["ana"] ?? "";

/** Runs statements one after the other and returns those that were answered. */
async function work(mark: string, whileRunning: () => Promise<void>): Promise<string[]> {
  const client = new pg.Client({ connectionString: anaUrl() });
  client.on("error", () => {}); // the enforcer itself may be the one that is killed
  await client.connect();
  const answered: string[] = [];
  let killing: Promise<void> | undefined;
  for (let index = 0; index < statements; index++) {
    const sql = `SELECT id, email, '${mark}-${index}-' AS mark FROM customers WHERE id = ${index + 1}`;
    try {
      await client.query(sql);
      answered.push(`${mark}-${index}-`);
      if (answered.length === 10) killing = whileRunning();
    } catch {
      break; // the connection died with the enforcer
    }
    await sleep(5);
  }
  await killing;
  await client.end().catch(() => {});
  return answered;
}

test.each(["worker", "control", "redis", "enforcer"] as const)(
  "nothing that was answered is missing in Postgres after %s was killed and started again",
  async (name: StackProcess) => {
    const answered = await work(`killed-${name}`, () => stack.kill(name));
    expect(answered.length).toBeGreaterThan(0);
    if (name !== "enforcer") expect(answered).toHaveLength(statements);
    await stack.up();
    const committed = await eventually(
      () => recordsOf(stack.stateDir, `killed-${name}-`),
      (rows) => answered.every((mark) => rows.some((row) => String(row["statement"]).includes(mark))),
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${logOf(stack.stateDir, "control").slice(-3000)}`);
    });
    const marks = committed.map((row) => /killed-\w+-\d+-/.exec(String(row["statement"]))?.[0]);
    expect(new Set(marks).size).toBe(marks.length);
    if (name !== "enforcer") {
      await eventually(
        () => recordsOf(stack.stateDir, `killed-${name}-`),
        (rows) => rows.every((row) => row["status"] === "ok"),
        30_000,
      );
    }
  },
  180_000,
);

test("a shadow run goes on after the enforcer was killed: what it found before stays, and it begins anew there", async () => {
  const { sets } = policiesSchema.parse((await callApi(stack.file, "cy", "GET", "/policies")).body);
  const access = `${sets.access}\n@id("ana-sees-email") permit (principal == User::"ana", action == Action::"unmask", resource == DataClass::"email");\n`;
  const started = await callApi(stack.file, "cy", "POST", "/shadow-runs", { sets: { ...sets, access }, minutes: 5 });
  const { id } = z.object({ id: z.string() }).parse(started.body);
  const run = async () => runSchema.parse((await callApi(stack.file, "cy", "GET", `/shadow-runs/${id}`)).body);
  const running = () => eventually(run, ({ enforcers }) => enforcers[0]?.state === "running", 60_000);
  await running();
  await runPsql(anaUrl(), "SELECT email FROM customers WHERE id = 1");
  const { totals } = await eventually(run, (now) => now.totals.flips > 0, 60_000);
  await stack.kill("enforcer");
  await stack.up();
  await eventually(run, ({ enforcers }) => enforcers[0]?.restarts === 1, 60_000);
  await running();
  await runPsql(anaUrl(), "SELECT email FROM customers WHERE id = 2");
  await eventually(run, (now) => now.totals.flips > totals.flips, 60_000);
}, 180_000);

test("an enforcer that starts again while the control plane is gone goes on masking and refusing", async () => {
  await stack.kill("control");
  await stack.kill("enforcer");
  await stack.start("enforcer").catch((error: unknown) => {
    throw new Error(
      `${String(error)}\n${logOf(stack.stateDir, "enforcer")
        .split("\n")
        .filter((line) => !line.includes("control.disconnected"))
        .slice(-25)
        .join("\n")}`,
    );
  });
  const read = await runPsql(anaUrl(), "SELECT email FROM customers WHERE id = 1");
  expect(read.output).toContain("(1 row)");
  expect(read.output).not.toContain("1@example.com");
  const write = await runPsql(anaUrl(), "DELETE FROM customers");
  expect(write.output).toContain("42501: Sluice:");
  await stack.up();
}, 180_000);
