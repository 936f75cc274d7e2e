import type { OrgTx } from "@sluice/db";
import { canonicalJson, newId } from "@sluice/kernel";
import { chainHead, type LedgerRecord, recordSchema, signHead } from "@sluice/ledger";
import type { Deps } from "../../../server/deps.ts";
import { readPrivateKey } from "../../keys/index.ts";

/** Stands for the console itself where a record names an enforcer. */
export const CONSOLE_ENFORCER_ID = "00000000-0000-0000-0000-000000000000";

/** Who changed something. A person in the console or through the API, or the system itself (renewal, expiry). */
export interface ChangeActor {
  readonly type: "User" | "System";
  /** the handle */
  readonly id: string;
  readonly name: string;
}

/** The system acting by itself. */
export const systemActor: ChangeActor = { type: "System", id: "sluice", name: "Sluice" };

/** What was done to what. Never holds secrets, tokens or the customer's data. */
export interface Change {
  /** verb and noun, e.g. "policy.publish", "member.lock" */
  readonly action: string;
  /** what it was done to, e.g. `User::"ana"` */
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Adds a change to the org's ledger in the caller's transaction: no change is committed without its record, no record
 * without its change. The org's changes form one chain, numbered without a gap and signed with the org's ledger key; the
 * row lock on its head makes writers of one org wait for each other.
 */
export async function recordChange(
  tx: OrgTx,
  deps: Pick<Deps, "clock" | "sealer">,
  orgId: string,
  actor: ChangeActor,
  change: Change,
): Promise<void> {
  const [current] = await tx.$queryRaw<{ seq: bigint; head: Uint8Array }[]>`
    SELECT "seq", "head" FROM "change_head" WHERE "orgId" = ${orgId}::uuid FOR UPDATE`;
  if (!current) throw new Error("the org has no change head: it was not provisioned");
  const seq = Number(current.seq) + 1;
  const record = changeRecord(orgId, seq, deps.clock.now(), actor, change);
  const head = chainHead(current.head, Buffer.from(`${canonicalJson(record)}\n`, "utf8"));
  const key = await readPrivateKey(tx, deps.sealer, orgId, "ledger");
  const link = { orgId, enforcerId: CONSOLE_ENFORCER_ID, firstSeq: seq, lastSeq: seq, previous: current.head, head };
  await tx.record.create({ data: rowOf(record, change) });
  await tx.chainHead.create({
    data: {
      ...link,
      previous: new Uint8Array(link.previous),
      head: new Uint8Array(head),
      signature: new Uint8Array(signHead(link, key)),
    },
  });
  await tx.changeHead.update({ where: { orgId }, data: { seq: BigInt(seq), head: new Uint8Array(head) } });
}

function changeRecord(orgId: string, seq: number, atMs: number, actor: ChangeActor, change: Change): LedgerRecord {
  // Through JSON first, so that the stored form (dates, undefined) is the one that is hashed.
  const plain: unknown = JSON.parse(JSON.stringify(change));
  return recordSchema.parse({
    v: 1,
    kind: "change",
    id: newId(atMs),
    orgId,
    enforcerId: CONSOLE_ENFORCER_ID,
    seq,
    atMs,
    principals: [actor],
    verdict: "allow",
    decisions: [],
    bundleVersion: 0,
    outcome: { status: "ok", rows: 0, bytes: 0, maskedCells: {}, durationUs: 0, decideUs: 0 },
    change: plain,
  });
}

function rowOf(record: LedgerRecord, change: Change) {
  const [actor] = record.principals;
  return {
    orgId: record.orgId,
    enforcerId: record.enforcerId,
    seq: BigInt(record.seq),
    at: new Date(record.atMs),
    id: record.id,
    kind: record.kind,
    principalType: actor?.type ?? "System",
    principalId: actor?.id ?? "",
    principalName: actor?.name ?? "",
    verdict: record.verdict,
    actions: [change.action],
    objects: [change.target],
    classes: [],
    policies: [],
    status: "ok",
    body: JSON.parse(JSON.stringify(record)),
  };
}
