import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { type ApprovalSubject, approvalDigest, approvalSubjectSchema } from "@sluice/ledger";
import { z } from "zod";
import { storableObject } from "../../records/index.ts";

/** What an enforcer asks, as it came; who asks is known from its certificate. */
export interface Ask {
  readonly approvalId: string;
  readonly exchangeId: string;
  readonly digest: string;
  readonly workflows: readonly string[];
  readonly subjectJson: Uint8Array;
  readonly expiresAtMs: number;
}

/** Where it comes from. */
export interface AskSource {
  readonly orgId: string;
  readonly siteId: string;
  readonly enforcerId: string;
}

/** Why it cannot be asked. */
export type AskError = TaggedError<
  | "ask.malformed"
  | "ask.wrong_digest"
  | "ask.unknown_workflow"
  | "ask.bad_expiry"
  | "ask.unknown_resource"
  | "ask.unknown_principal"
  | "ask.too_many"
  | "ask.conflict"
>;

/** Waiting asks of one enforcer at most. */
export const WAITING_MAX = 256;
const SUBJECT_BYTES_MAX = 2_097_152;
/** How far the enforcer's clock may be ahead of ours. */
const SKEW_MS = 60_000;

/**
 * Stores a held exchange for people to decide. The digest is computed again from the subject that they will be shown, so
 * nobody can be shown one thing and approve another. Asking again with the same id and digest is the same ask (a reconnect).
 */
export async function openApproval(
  tx: OrgTx,
  source: AskSource,
  ask: Ask,
  nowMs: number,
): Promise<Result<{ readonly approvalId: string }, AskError>> {
  const subject = parseSubject(ask);
  if (!subject.ok) return subject;
  const known = await tx.approval.findUnique({ where: { id: ask.approvalId } });
  if (known) {
    const same = known.digest === ask.digest && known.enforcerId === source.enforcerId;
    return same ? ok({ approvalId: known.id }) : refuse("ask.conflict", "Another ask has this id.");
  }
  const expiry = await checkWorkflows(tx, ask, nowMs);
  if (!expiry.ok) return expiry;
  const resource = await tx.resource.findUnique({ where: { id: subject.value.resource.id, siteId: source.siteId } });
  if (!resource) return refuse("ask.unknown_resource", "The resource is not known at this site.");
  const asker = await readAsker(tx, subject.value);
  if (!asker) return refuse("ask.unknown_principal", "Whoever asks is not known in this org, or locked.");
  const waiting = await tx.approval.count({ where: { enforcerId: source.enforcerId, status: "waiting" } });
  if (waiting >= WAITING_MAX) return refuse("ask.too_many", "Too many requests of this enforcer wait already.");
  await tx.approval.create({
    data: {
      id: ask.approvalId,
      ...source,
      exchangeId: ask.exchangeId,
      resourceId: resource.id,
      digest: ask.digest,
      workflows: [...ask.workflows],
      subject: storableObject(subject.value),
      ...asker,
      createdAt: new Date(nowMs),
      expiresAt: new Date(ask.expiresAtMs),
    },
  });
  return ok({ approvalId: ask.approvalId });
}

function parseSubject(ask: Ask): Result<ApprovalSubject, AskError> {
  const malformed = (text: string) => refuse("ask.malformed", text);
  if (!z.uuid().safeParse(ask.approvalId).success || !z.uuid().safeParse(ask.exchangeId).success) {
    return malformed("The ask's ids are not UUIDs.");
  }
  if (ask.subjectJson.length > SUBJECT_BYTES_MAX) return malformed("What is asked is too large to be shown.");
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(ask.subjectJson).toString("utf8"));
  } catch {
    return malformed("What is asked is not JSON.");
  }
  const subject = approvalSubjectSchema.safeParse(json);
  if (!subject.success) return malformed("What is asked does not have the agreed form.");
  if (approvalDigest(subject.data) !== ask.digest) {
    return refuse("ask.wrong_digest", "The digest does not fit what is asked.");
  }
  return ok(subject.data);
}

async function checkWorkflows(tx: OrgTx, ask: Ask, nowMs: number): Promise<Result<true, AskError>> {
  const names = [...new Set(ask.workflows)];
  const workflows = await tx.workflow.findMany({ where: { name: { in: names } } });
  if (names.length === 0 || workflows.length !== names.length) {
    const missing = names.filter((name) => !workflows.some((workflow) => workflow.name === name));
    return refuse("ask.unknown_workflow", `There is no workflow ${missing.join(", ") || "named"} to ask.`);
  }
  const timeoutMs = Math.max(...workflows.map(({ timeoutS }) => timeoutS)) * 1_000;
  if (ask.expiresAtMs <= nowMs) return refuse("ask.bad_expiry", "The time to decide is over already.");
  if (ask.expiresAtMs > nowMs + timeoutMs + SKEW_MS) {
    return refuse("ask.bad_expiry", "The ask would wait longer than its workflow allows: check the enforcer's clock.");
  }
  return ok(true);
}

/** The acting principal and the person behind it, by their ids: the one who may not decide. */
async function readAsker(
  tx: OrgTx,
  subject: ApprovalSubject,
): Promise<{ principalType: string; principalId: string; requesterId: string | null } | undefined> {
  const [actor, behind] = subject.principals;
  const person = (handle: string) => tx.member.findFirst({ where: { handle, status: "active", lockedAt: null } });
  if (actor?.type === "User") {
    const member = await person(actor.id);
    return member ? { principalType: "User", principalId: member.id, requesterId: member.id } : undefined;
  }
  if (actor?.type !== "Agent") return undefined;
  const agent = await tx.agent.findFirst({ where: { handle: actor.id, status: "active", lockedAt: null } });
  if (!agent) return undefined;
  // The chain that was proven counts; an agent that acts for nobody now still has its person, who must not decide either.
  const requester = behind?.type === "User" ? await person(behind.id) : undefined;
  if (behind && !requester) return undefined;
  return { principalType: "Agent", principalId: agent.id, requesterId: requester?.id ?? agent.onBehalfOfId };
}

function refuse(code: AskError["code"], text: string): Result<never, AskError> {
  return err(taggedError(code, text));
}
