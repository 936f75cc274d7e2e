import { newId } from "@sluice/kernel";
import { type ApprovalSubject, approvalDigest } from "@sluice/ledger";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decideApproval } from "../../features/approvals/server/decide-approval.ts";
import { type ControlWorld, hello, openControl } from "./control.fixture.ts";
import { dial } from "./test-enforcer.ts";

let world: ControlWorld;
beforeAll(async () => {
  world = await openControl();
}, 60_000);
afterAll(() => world?.[Symbol.asyncDispose]());

describe("an approval", () => {
  const subject = async (): Promise<ApprovalSubject> => {
    const shop = await world.org.data.tx((tx) => tx.resource.findFirstOrThrow());
    return {
      resource: { id: shop.id, name: shop.name },
      principals: [{ type: "User", id: "ana", name: "Ana" }],
      statement: "UPDATE customers SET city='Lyon' WHERE id=1",
      parameters: [],
      actions: [{ action: "sql.write.update", resource: "shop/public.customers" }],
      sessionId: newId(),
      bundleVersion: 1,
    };
  };
  const askFor = async (fields: object = {}) => {
    const what = await subject();
    return {
      approvalId: newId(),
      exchangeId: newId(),
      digest: approvalDigest(what),
      workflows: ["production-change"],
      subjectJson: Buffer.from(JSON.stringify(what)),
      expiresAtMs: BigInt(Date.now() + 60_000),
      ...fields,
    };
  };
  const decide = (ask: { approvalId: string; digest: string }, handle: string, approved = true) => {
    const member = { memberId: world.org.answer.people[handle]?.id ?? "", handle, name: handle };
    return decideApproval(world.deps, world.org.data, member, { ...ask, approved, reason: "because" });
  };
  const connected = async () => {
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    hello(stream);
    await stream.heard("welcome");
    return { stream, close: () => (stream.cancel(), client.close()) };
  };

  test("goes to people and its outcome comes back to the stream, with who decided", async () => {
    const { stream, close } = await connected();
    const ask = await askFor();
    stream.send({ case: "approvalAsk", value: ask });
    const received = await stream.heard("approvalReceived", ({ approvalId }) => approvalId === ask.approvalId);
    expect(received).toMatchObject({ url: `http://console.test/approvals/${ask.approvalId}`, refusedReason: "" });
    expect(await decide(ask, "ana")).toMatchObject({ error: { code: "approval.own" } });
    expect(await decide(ask, "cy")).toMatchObject({ error: { code: "approval.not_approver" } });
    expect(await decide({ ...ask, digest: "0".repeat(64) }, "bo")).toMatchObject({
      error: { code: "approval.digest_mismatch" },
    });
    expect(await decide(ask, "bo")).toMatchObject({ value: { status: "approved" } });
    expect(await stream.heard("approval", ({ approvalId }) => approvalId === ask.approvalId)).toMatchObject({
      approved: true,
      digest: ask.digest,
      approverIds: ["bo"],
    });
    expect(await decide(ask, "bo", false)).toMatchObject({ error: { code: "approval.closed" } });
    close();
  });

  test("that was decided while the enforcer was away is told when it asks again", async () => {
    const before = await connected();
    const ask = await askFor();
    before.stream.send({ case: "approvalAsk", value: ask });
    await before.stream.heard("approvalReceived", ({ approvalId }) => approvalId === ask.approvalId);
    before.close();
    expect(await decide(ask, "bo", false)).toMatchObject({ value: { status: "refused" } });
    const after = await connected();
    after.stream.send({ case: "approvalAsk", value: ask });
    expect(await after.stream.heard("approval", ({ approvalId }) => approvalId === ask.approvalId)).toMatchObject({
      approved: false,
      reason: "because",
    });
    after.close();
  });

  test("is refused when the digest, the workflow, the expiry or the resource does not fit", async () => {
    const { stream, close } = await connected();
    const refusedBecause = async (fields: object) => {
      const ask = await askFor(fields);
      stream.send({ case: "approvalAsk", value: ask });
      const { refusedReason } = await stream.heard("approvalReceived", (it) => it.approvalId === ask.approvalId);
      return refusedReason;
    };
    expect(await refusedBecause({ digest: "0".repeat(64) })).toMatch(/digest/);
    expect(await refusedBecause({ workflows: ["nobody"] })).toMatch(/no workflow nobody/);
    expect(await refusedBecause({ workflows: [] })).toMatch(/no workflow/);
    expect(await refusedBecause({ expiresAtMs: BigInt(Date.now() + 86_400_000) })).toMatch(/longer than/);
    expect(await refusedBecause({ expiresAtMs: 1n })).toMatch(/over already/);
    expect(await refusedBecause({ subjectJson: Buffer.from("{}") })).toMatch(/form/);
    const foreign = { ...(await subject()), resource: { id: newId(), name: "shop" } };
    const subjectJson = Buffer.from(JSON.stringify(foreign));
    expect(await refusedBecause({ subjectJson, digest: approvalDigest(foreign) })).toMatch(/resource/);
    close();
  });

  test("ends as withdrawn when the client went away", async () => {
    const { stream, close } = await connected();
    const ask = await askFor();
    stream.send({ case: "approvalAsk", value: ask });
    await stream.heard("approvalReceived", ({ approvalId }) => approvalId === ask.approvalId);
    stream.send({ case: "approvalWithdraw", value: { approvalId: ask.approvalId, reason: "gone" } });
    const stored = () => world.org.data.tx((tx) => tx.approval.findUniqueOrThrow({ where: { id: ask.approvalId } }));
    await expect.poll(async () => (await stored()).status).toBe("withdrawn");
    expect(await decide(ask, "bo")).toMatchObject({ error: { code: "approval.closed" } });
    close();
  });
});
