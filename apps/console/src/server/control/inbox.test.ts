import { Duplex } from "node:stream";
import { create } from "@bufbuild/protobuf";
import { EnforcerMessageSchema } from "@sluice/proto";
import { expect, test } from "vitest";
import { openInbox } from "./inbox.ts";

function fakeCall(fields: { cancelled?: boolean } = {}) {
  const stream = new Duplex({ objectMode: true, read() {}, write: (_chunk, _encoding, done) => done() });
  return Object.assign(stream, { cancelled: false, ...fields });
}
const heartbeat = (sessions: number) =>
  create(EnforcerMessageSchema, { body: { case: "heartbeat", value: { sessions } } });
const sessionsOf = (message: Awaited<ReturnType<ReturnType<typeof openInbox>["next"]>>) =>
  message?.body.case === "heartbeat" ? message.body.value.sessions : undefined;

test("gives messages in order, and nothing once the stream ended", async () => {
  const call = fakeCall();
  const inbox = openInbox(call);
  for (const n of [1, 2, 3]) call.push(heartbeat(n));
  call.push(null);
  expect(sessionsOf(await inbox.next())).toBe(1);
  expect(sessionsOf(await inbox.next())).toBe(2);
  expect(sessionsOf(await inbox.next())).toBe(3);
  expect(await inbox.next()).toBeUndefined();
});

test("stops reading when messages are not handled, and goes on when they are", async () => {
  const call = fakeCall();
  const inbox = openInbox(call);
  for (let n = 0; n < 100; n += 1) call.push(heartbeat(n));
  await new Promise((resolve) => setImmediate(resolve));
  expect(call.isPaused()).toBe(true);
  for (let n = 0; n < 100; n += 1) expect(sessionsOf(await inbox.next())).toBe(n);
});

test("ends at once for a call that was cancelled before anybody read it", async () => {
  expect(await openInbox(fakeCall({ cancelled: true })).next()).toBeUndefined();
});

test("lets a waiting reader go when an error is emitted, without destroying the stream", async () => {
  const call = fakeCall();
  const waiting = openInbox(call).next();
  call.emit("error", new Error("a status to be sent"));
  expect(await waiting).toBeUndefined();
  expect(call.destroyed).toBe(false);
});
