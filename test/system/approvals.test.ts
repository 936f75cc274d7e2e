import pg from "pg";
import { expect, inject, test } from "vitest";
import { decide, waitingApproval } from "./api.ts";
import { eventually, recordsOf } from "./control-data.ts";
import { psql } from "./psql.ts";

const { stateDir, file } = inject("stack");
const urlOf = (who: string) => file.resources["shop"]?.urls[who] ?? "";

async function cityOf(id: number): Promise<unknown> {
  const client = new pg.Client({ connectionString: file.resources["shop"]?.directUrl });
  await client.connect();
  const { rows } = await client.query("SELECT city FROM customers WHERE id = $1", [id]);
  await client.end();
  return rows[0]?.city;
}

test("ana's UPDATE waits with a link, bo approves it, the same psql prints UPDATE 1", async () => {
  const run = psql(urlOf("ana"), "UPDATE customers SET city = 'Lyon' WHERE id = 1");
  const [link] = await run.until(/http:\/\/localhost:\d+\/\S*approvals\/\S+/);
  expect(link).toContain(new URL(file.consoleUrl).host);
  expect(run.output()).toContain("NOTICE");
  expect(await cityOf(1)).not.toBe("Lyon");
  const approval = await waitingApproval(file, "bo", "'Lyon' WHERE id = 1");
  expect(approval).toMatchObject({ mayDecide: true, status: "waiting" });
  expect(await decide(file, "bo", approval, { approved: true, reason: "moved house" })).toMatchObject({ status: 200 });
  const { status, output } = await run.ended();
  expect(output).toContain("UPDATE 1");
  expect(status).toBe(0);
  expect(await cityOf(1)).toBe("Lyon");
  const [record] = await eventually(
    () => recordsOf(stateDir, "'Lyon' WHERE id = 1"),
    (rows) => rows[0]?.["status"] === "ok",
  );
  expect(record).toMatchObject({ principalId: "ana", approvalId: approval.id, tag: "UPDATE 1" });
  expect(await decide(file, "bo", approval, { approved: true, reason: "again" })).not.toMatchObject({ status: 200 });
});

test("a refused UPDATE says who refused it and why, and changes nothing", async () => {
  const run = psql(urlOf("ana"), "UPDATE customers SET city = 'Refused' WHERE id = 2");
  const approval = await waitingApproval(file, "bo", "'Refused'");
  await decide(file, "bo", approval, { approved: false, reason: "ask me on Monday" });
  const { status, output } = await run.ended();
  expect(status).not.toBe(0);
  expect(output).toContain("42501: Sluice:");
  expect(output).toContain("ask me on Monday");
  expect(await cityOf(2)).not.toBe("Refused");
});

test("nobody approves their own: not ana, and not cy although he is the administrator", async () => {
  for (const [who, text] of [
    ["ana", "'Own-a'"],
    ["cy", "'Own-c'"],
  ] as const) {
    const run = psql(urlOf(who), `UPDATE customers SET city = ${text} WHERE id = 4`);
    const seen = await waitingApproval(file, who, text, "mine");
    expect(seen.mayDecide).toBe(false);
    expect(seen.whyNot).toBeTruthy();
    const answer = await decide(file, who, seen, { approved: true, reason: "mine" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(run.output()).not.toContain("UPDATE 1");
    await decide(file, "bo", await waitingApproval(file, "bo", text), { approved: false, reason: "test ends" });
    await run.ended();
  }
  expect(await cityOf(4)).not.toMatch(/^Own/);
});

test("an approval for one statement does not fit another", async () => {
  const [one, other] = [5, 6].map((id) => psql(urlOf("ana"), `UPDATE customers SET city = 'Only-5' WHERE id = ${id}`));
  const approval = await waitingApproval(file, "bo", "'Only-5' WHERE id = 5");
  const second = await waitingApproval(file, "bo", "'Only-5' WHERE id = 6");
  const mixed = await decide(
    file,
    "bo",
    { id: second.id, digest: approval.digest },
    { approved: true, reason: "wrong" },
  );
  expect(mixed.status).toBeGreaterThanOrEqual(400);
  await decide(file, "bo", approval, { approved: true, reason: "right" });
  expect((await one?.ended())?.output).toContain("UPDATE 1");
  await decide(file, "bo", second, { approved: false, reason: "test ends" });
  expect((await other?.ended())?.output).toContain("42501: Sluice:");
  expect([await cityOf(5), (await cityOf(6)) === "Only-5"]).toEqual(["Only-5", false]);
});
