import { randomUUID } from "node:crypto";
import { expect, inject, test } from "vitest";
import { z } from "zod";
import { callApi } from "./api.ts";
import { eventually, queryControl, recordsOf } from "./control-data.ts";
import { runPsql } from "./psql.ts";

const { file, stateDir } = inject("stack");
const anaUrl = file.resources["shop"]?.urls["ana"] ?? "";
const setsSchema = z.object({ guardrails: z.string(), access: z.string(), obligations: z.string() });

const granted = `
@id("granted-email")
permit (principal is User, action == Action::"unmask", resource == DataClass::"email")
when { context has grant && context.grant.principal == principal && context.now < context.grant.endsAt };
`;

async function publish(text: string): Promise<number> {
  const { sets, version } = z
    .object({ sets: setsSchema, version: z.number() })
    .parse((await callApi(file, "cy", "GET", "/policies")).body);
  const input = { sets: { ...sets, access: `${sets.access}${text}` }, note: "grants", baseVersion: version };
  return (await callApi(file, "cy", "POST", "/policies/publish", input)).status;
}

test("a grant reaches policy through bundle and enforcer, stands on the record, and is gone when it is revoked", async () => {
  const id = randomUUID();
  await queryControl(
    stateDir,
    `INSERT INTO access_grant (id, "orgId", "principalType", "principalId", "resourceId", actions, reason, "startsAt", "endsAt")
     SELECT $1, m."orgId", 'User', m.id, r.id, '{unmask}', 'a ticket', now() - interval '1 minute', now() + interval '1 hour'
     FROM member m JOIN resource r ON r."orgId" = m."orgId" AND r.name = 'shop' WHERE m.handle = 'ana'`,
    [id],
  );
  const read = () => runPsql(anaUrl, "SELECT email AS of_the_grant FROM customers WHERE id = 1");
  expect((await read()).output).not.toContain("1@example.com");
  expect(await publish(granted)).toBe(200);
  await eventually(read, ({ output }) => output.includes("1@example.com"), 30_000);

  const records = await eventually(
    () => recordsOf(stateDir, "of_the_grant"),
    (rows) => JSON.stringify(rows).includes(id),
  );
  expect(JSON.stringify(records[0])).not.toContain(id);

  await queryControl(stateDir, `UPDATE access_grant SET "revokedAt" = now() WHERE id = $1`, [id]);
  const after = await eventually(read, ({ output }) => !output.includes("1@example.com"), 30_000);
  expect(after.status).toBe(0);
}, 120_000);
