import { newId, systemClock } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { describe, expect, it } from "vitest";
import { ApprovalDesk } from "./approval-desk.ts";
import type { ApprovalRequest } from "./approvals.ts";

configureLogs({ level: "silent" });

function request(changed: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    approvalId: newId(),
    exchangeId: newId(),
    digest: "d".repeat(64),
    workflows: ["w"],
    subject: {
      resource: { id: newId(), name: "shop" },
      principals: [{ type: "User", id: "ana", name: "ana" }],
      statement: "UPDATE t SET a = 1",
      parameters: [],
      actions: [],
      facts: undefined,
      sessionId: newId(),
      bundleVersion: 1,
    },
    expiresAtMs: Date.now() + 60_000,
    ...changed,
  };
}

function desk(changed: { waitingMax?: number; arrivalTimeoutMs?: number } = {}) {
  const sent: string[] = [];
  const send = {
    ask: ({ approvalId }: ApprovalRequest) => sent.push(`ask ${approvalId}`) > 0,
    withdraw: (approvalId: string) => sent.push(`withdraw ${approvalId}`) > 0,
  };
  return { sent, desk: new ApprovalDesk({ clock: systemClock, send, ...changed }) };
}

const never = () => new AbortController().signal;
const noLink = () => undefined;

describe("the approval desk", () => {
  it("answers unavailable beyond its bound, without asking", async () => {
    const { desk: one, sent } = desk({ waitingMax: 1 });
    const first = one.ask(request(), noLink, never());
    expect((await one.ask(request(), noLink, never())).kind).toBe("unavailable");
    expect(sent).toHaveLength(1);
    one.close("over");
    expect((await first).kind).toBe("unavailable");
  });

  it("answers unavailable and withdraws when the console does not say that it has the request", async () => {
    const { desk: one, sent } = desk({ arrivalTimeoutMs: 20 });
    const asked = request();
    expect((await one.ask(asked, noLink, never())).kind).toBe("unavailable");
    expect(sent.at(-1)).toBe(`withdraw ${asked.approvalId}`);
  });

  it("waits for people once the console has it, gives the link once, and expires by its own clock", async () => {
    const { desk: one, sent } = desk({ arrivalTimeoutMs: 20 });
    const asked = request({ expiresAtMs: Date.now() + 120 });
    const links: string[] = [];
    const answer = one.ask(asked, (url) => links.push(url), never());
    const { approvalId } = asked;
    for (let count = 0; count < 2; count += 1) {
      one.received({ $typeName: "sluice.control.v1.ApprovalReceived", approvalId, url: "http://x", refusedReason: "" });
    }
    expect((await answer).kind).toBe("expired");
    expect(links).toEqual(["http://x"]);
    expect(sent.at(-1)).toBe(`withdraw ${approvalId}`);
  });

  it("does not ask for what is over already, or for a client that is gone", async () => {
    const { desk: one, sent } = desk();
    expect((await one.ask(request({ expiresAtMs: Date.now() - 1 }), noLink, never())).kind).toBe("expired");
    expect((await one.ask(request(), noLink, AbortSignal.abort())).kind).toBe("unavailable");
    expect(sent).toEqual([]);
  });
});
