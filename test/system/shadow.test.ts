import { expect, inject, test } from "vitest";
import { z } from "zod";
import { callApi } from "./api.ts";
import { eventually } from "./control-data.ts";
import { runPsql } from "./psql.ts";

const { file } = inject("stack");
const anaUrl = file.resources["shop"]?.urls["ana"] ?? "";
const setsSchema = z.object({ guardrails: z.string(), access: z.string(), obligations: z.string() });
const groupSchema = z.object({
  kind: z.string(),
  policies: z.array(z.string()),
  principal: z.string(),
  action: z.string(),
  resource: z.string(),
  count: z.number(),
  exchangeIds: z.array(z.string()),
});
const runSchema = z.object({
  state: z.string(),
  totals: z.object({ decided: z.number(), flips: z.number(), dropped: z.number(), failed: z.number() }),
  groups: z.array(groupSchema),
  enforcers: z.array(z.object({ state: z.string(), problem: z.string().nullable() })),
});

async function start(minutes: number) {
  const { sets } = z.object({ sets: setsSchema }).parse((await callApi(file, "cy", "GET", "/policies")).body);
  const guardrails = `${sets.guardrails}
@id("no-reads-of-orders")
forbid (principal, action == Action::"sql.read.select", resource == Table::"shop/public.orders");
`;
  const access = `${sets.access}
@id("ana-sees-email")
permit (principal == User::"ana", action == Action::"unmask", resource == DataClass::"email");
`;
  const input = { sets: { ...sets, guardrails, access }, note: "system test", minutes };
  const answer = await callApi(file, "cy", "POST", "/shadow-runs", input);
  return { status: answer.status, id: z.object({ id: z.string() }).safeParse(answer.body).data?.id ?? "" };
}

const read = async (id: string) => runSchema.parse((await callApi(file, "cy", "GET", `/shadow-runs/${id}`)).body);

test("a candidate decides live traffic beside the policies in force: what would change shows, and nothing changes", async () => {
  const { status, id } = await start(5);
  expect(status).toBe(200);
  await eventually(
    () => read(id),
    ({ enforcers }) => enforcers[0]?.state === "running",
    30_000,
  );
  const masked = await runPsql(anaUrl, "SELECT email FROM customers WHERE id = 1");
  expect(masked.output).not.toContain("1@example.com");
  const orders = await runPsql(anaUrl, "SELECT count(*) FROM orders");
  expect(orders).toMatchObject({ status: 0 });
  await runPsql(anaUrl, "SELECT city FROM customers WHERE id = 1");
  const run = await eventually(
    () => read(id),
    ({ totals }) => totals.flips >= 2 && totals.decided >= 3,
    30_000,
  );
  const byKind = (kind: string) => run.groups.find((group) => group.kind === kind);
  expect(byKind("masked_to_clear")).toMatchObject({
    policies: ["ana-sees-email"],
    principal: 'User::"ana"',
    action: "unmask",
    resource: 'DataClass::"email"',
  });
  const refused = byKind("allowed_to_refused");
  expect(refused).toMatchObject({
    policies: ["no-reads-of-orders"],
    resource: 'Table::"shop/public.orders"',
    count: 1,
  });
  expect(JSON.stringify(run)).not.toContain("SELECT ");
  const record = await eventually(
    () => callApi(file, "cy", "GET", `/records/${refused?.exchangeIds[0] ?? ""}`),
    (answer) => answer.status === 200,
  );
  expect(JSON.stringify(record.body)).toContain("FROM orders");
  expect(run.totals).toMatchObject({ dropped: 0, failed: 0 });
  expect((await callApi(file, "cy", "POST", `/shadow-runs/${id}/stop`, {})).status).toBe(200);
  const stopped = await read(id);
  expect(stopped).toMatchObject({ state: "stopped", totals: { flips: run.totals.flips } });
});

test("whoever may not write policies starts no run, and whoever may not read records sees none", async () => {
  const { sets } = z.object({ sets: setsSchema }).parse((await callApi(file, "cy", "GET", "/policies")).body);
  expect((await callApi(file, "ana", "POST", "/shadow-runs", { sets, minutes: 5 })).status).toBe(403);
  expect((await callApi(file, "ana", "GET", "/shadow-runs")).status).toBe(403);
});
