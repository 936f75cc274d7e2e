import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changeOrg } from "../../features/bundles/index.ts";
import { banEnforcer } from "../../features/enforcers/server/ban-enforcer.ts";
import { viewEnforcer } from "../../features/enforcers/server/enforcer-view.ts";
import { systemActor } from "../../features/records/index.ts";
import { type ControlWorld, hello, openControl } from "./control.fixture.ts";
import { dial, serverProof } from "./test-enforcer.ts";

let world: ControlWorld;
beforeAll(async () => {
  world = await openControl();
}, 60_000);
afterAll(() => world?.[Symbol.asyncDispose]());

test("an enforcer enrols over server-authenticated TLS and is known by its certificate afterwards", async () => {
  const client = dial(world.port, world.server.certPem, world.me.proof);
  const { envelope } = await client.call("control", "fetchBundle", {});
  expect(envelope).toBeInstanceOf(Uint8Array);
  expect(await client.call("control", "renew", { csrDer: world.me.csrDer })).toHaveProperty("certificateDer");
  client.close();
});

describe("whoever shows no certificate of an org's authority", () => {
  test("gets nothing: no stream, no bundle, no renewal", async () => {
    const anonymous = dial(world.port, world.server.certPem);
    const refused = { code: status.UNAUTHENTICATED };
    await expect(anonymous.call("control", "fetchBundle", {})).rejects.toMatchObject(refused);
    await expect(anonymous.call("control", "renew", { csrDer: world.me.csrDer })).rejects.toMatchObject(refused);
    expect(await anonymous.connect().ended).toMatchObject(refused);
    anonymous.close();
    const forged = dial(world.port, world.server.certPem, await serverProof());
    await expect(forged.call("control", "fetchBundle", {})).rejects.toMatchObject(refused);
    forged.close();
  });

  test("cannot use a token twice", async () => {
    await expect(world.enrol()).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  });
});

describe("a stream", () => {
  test("is welcomed, told of the bundle, and noted as online, with what became of the bundle", async () => {
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    hello(stream);
    const welcome = await stream.heard("welcome");
    expect(welcome).toMatchObject({ consoleUrl: "http://console.test", ackedSeq: 0n });
    const notice = await stream.heard("bundle");
    expect(notice.version).toBe(1n);
    stream.send({ case: "bundleStatus", value: { version: 1n, digest: notice.digest, applied: true } });
    stream.send({ case: "heartbeat", value: { atMs: 1n, sessions: 3, spoolBytes: 5n } });
    await stream.heard("heartbeat");
    expect(await world.row()).toMatchObject({ status: "online", appliedVersion: 1, sessions: 3, desiredVersion: 1 });
    stream.cancel();
    await expect.poll(async () => (await world.row()).status, { timeout: 5_000 }).toBe("offline");
    client.close();
  });

  test("says which bundle it refuses, why and since when, until it applies one again", async () => {
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    hello(stream);
    const { digest } = await stream.heard("bundle");
    const refused = { version: 2n, digest: "f".repeat(64), applied: false, reasonCode: "bundle.bad_policies" };
    stream.send({ case: "bundleStatus", value: { ...refused, reason: "@teleport is not an annotation Sluice knows" } });
    await expect.poll(async () => (await world.row()).refusedVersion, { timeout: 5_000 }).toBe(2);
    const { appliedVersion, refusedAt } = await world.row();
    expect({ appliedVersion, since: refusedAt instanceof Date }).toEqual({ appliedVersion: 1, since: true });
    stream.send({ case: "bundleStatus", value: { ...refused, version: 3n, reason: "again" } });
    await expect.poll(async () => (await world.row()).refusedVersion, { timeout: 5_000 }).toBe(3);
    const later = await world.row();
    expect(later.refusedAt).toEqual(refusedAt);
    expect(viewEnforcer({ ...later, site: { id: "s", slug: "s", name: "S" } }, new Map(), Date.now())).toMatchObject({
      current: false,
      refused: { version: 3, code: "bundle.bad_policies", since: refusedAt?.toISOString() },
    });
    stream.send({ case: "bundleStatus", value: { version: 1n, digest, applied: true } });
    await expect.poll(async () => (await world.row()).refusedVersion, { timeout: 5_000 }).toBeNull();
    expect(await world.row()).toMatchObject({ refusedReason: null, refusedCode: null, refusedAt: null });
    stream.cancel();
    client.close();
  });

  test("is told of a new bundle within two seconds of the change, and of a lock ahead of it", async () => {
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    hello(stream, { bundleVersion: 1n, bundleDigest: (await world.row()).appliedDigest ?? "" });
    await stream.heard("welcome");
    const startedAt = performance.now();
    await changeOrg(world.deps, world.org.data, systemActor, async (tx, notes) => {
      await tx.agent.updateMany({ data: { lockedAt: new Date() } });
      notes.record({ action: "agent.lock", target: 'Agent::"copilot"' });
      notes.rebuild("agent");
    });
    const notice = await stream.heard("bundle", ({ version }) => version === 2n);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(notice.digest).toMatch(/^[0-9a-f]{64}$/);
    const order = stream.messages.map((message) => message.case);
    expect(order.indexOf("revocation")).toBeLessThan(order.indexOf("bundle"));
    expect(await stream.heard("revocation")).toMatchObject({ kind: "principal", value: 'Agent::"copilot"' });
    stream.cancel();
    client.close();
  });

  test("takes the place of an older one of the same enforcer", async () => {
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const first = client.connect();
    hello(first);
    await first.heard("welcome");
    const second = client.connect();
    hello(second);
    await second.heard("welcome");
    expect(await first.ended).toMatchObject({ code: status.ABORTED });
    expect((await world.row()).status).toBe("online");
    second.cancel();
    client.close();
  });

  test("ends when its first message is not the hello", async () => {
    const client = dial(world.port, world.server.certPem, world.me.proof);
    const stream = client.connect();
    stream.send({ case: "heartbeat", value: {} });
    expect(await stream.ended).toMatchObject({ code: status.INVALID_ARGUMENT });
    client.close();
  });
});

test("a ban ends the stream with the reason, and the enforcer gets nothing any more", async () => {
  const client = dial(world.port, world.server.certPem, world.me.proof);
  const stream = client.connect();
  hello(stream);
  await stream.heard("welcome");
  await banEnforcer(world.deps, world.org.data, systemActor, {
    enforcerId: world.me.enforcerId,
    reason: "stolen machine",
  });
  expect(await stream.heard("ban")).toMatchObject({ reason: "stolen machine" });
  expect(await stream.ended).toMatchObject({ code: status.PERMISSION_DENIED });
  const refused = { code: status.PERMISSION_DENIED };
  await expect(client.call("control", "fetchBundle", {})).rejects.toMatchObject(refused);
  await expect(client.call("control", "renew", { csrDer: world.me.csrDer })).rejects.toMatchObject(refused);
  expect(await client.connect().ended).toMatchObject(refused);
  client.close();
});
