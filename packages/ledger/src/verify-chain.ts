import type { KeyObject } from "node:crypto";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { splitBatch } from "./batch.ts";
import { CHAIN_START, type ChainHead, chainHead, verifyHead } from "./chain.ts";

/** One batch as it was shipped and kept. */
export interface ChainBatch extends ChainHead {
  readonly signature: Uint8Array;
  /** the entries' bytes: canonical JSON lines, each ended by a line feed */
  readonly bytes: Uint8Array;
}

/** Where and why a chain breaks. */
export type ChainError = TaggedError<
  | "chain.wrong_enforcer"
  | "chain.gap"
  | "chain.broken_link"
  | "chain.wrong_head"
  | "chain.bad_signature"
  | "chain.bad_entries"
> & { readonly firstSeq: number };

/** What a verifier trusts before it starts. */
export interface ChainTrust {
  readonly orgId: string;
  readonly enforcerId: string;
  readonly publicKey: KeyObject;
  /** the head and sequence number to continue from; the chain's very start when left out */
  readonly after?: { readonly head: Uint8Array; readonly seq: number };
}

/** What held. */
export interface VerifiedChain {
  readonly batches: number;
  readonly entries: number;
  readonly lastSeq: number;
  readonly head: Uint8Array;
}

/**
 * Checks one batch against what went before it: owner, sequence without a gap, link, head, signature, and that the
 * entries carry exactly the numbers that the head claims.
 */
export function verifyBatch(
  batch: ChainBatch,
  trust: ChainTrust & { readonly after: { readonly head: Uint8Array; readonly seq: number } },
): Result<{ readonly entries: number }, ChainError> {
  const fail = (code: ChainError["code"], text: string) =>
    err({ ...taggedError(code, text), firstSeq: batch.firstSeq });
  const { after } = trust;
  if (batch.orgId !== trust.orgId || batch.enforcerId !== trust.enforcerId) {
    return fail("chain.wrong_enforcer", "The batch belongs to another enforcer's chain.");
  }
  if (batch.firstSeq !== after.seq + 1) {
    return fail("chain.gap", `After ${after.seq} comes ${batch.firstSeq}: entries are missing or repeated.`);
  }
  if (!equal(batch.previous, after.head)) {
    return fail("chain.broken_link", `The batch from ${batch.firstSeq} does not continue the chain.`);
  }
  if (!equal(chainHead(batch.previous, batch.bytes), batch.head)) {
    return fail("chain.wrong_head", `The entries from ${batch.firstSeq} to ${batch.lastSeq} were changed.`);
  }
  if (!verifyHead(batch, batch.signature, trust.publicKey)) {
    return fail("chain.bad_signature", `The head after ${batch.lastSeq} is not signed by this enforcer.`);
  }
  const entries = splitBatch(batch.bytes, { ...trust, firstSeq: batch.firstSeq, lastSeq: batch.lastSeq });
  return entries.ok ? ok({ entries: entries.value.length }) : fail("chain.bad_entries", entries.error.public);
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Checks batches in order of their numbers, as far back as `trust.after`; stops at the first that does not hold. */
export function verifyChain(batches: Iterable<ChainBatch>, trust: ChainTrust): Result<VerifiedChain, ChainError> {
  let after = trust.after ?? { head: CHAIN_START, seq: 0 };
  let count = 0;
  let entries = 0;
  for (const batch of batches) {
    const checked = verifyBatch(batch, { ...trust, after });
    if (!checked.ok) return checked;
    after = { head: batch.head, seq: batch.lastSeq };
    count += 1;
    entries += checked.value.entries;
  }
  return ok({ batches: count, entries, lastSeq: after.seq, head: after.head });
}
