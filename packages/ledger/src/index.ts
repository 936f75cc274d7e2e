export { approvalDigest } from "./approval-digest.ts";
export {
  BATCH_BYTES_MAX,
  BATCH_ENTRIES_MAX,
  type BatchClaim,
  type BatchEntry,
  type BatchError,
  splitBatch,
} from "./batch.ts";
export { CHAIN_HEAD_BYTES, CHAIN_START, type ChainHead, chainHead, signHead, verifyHead } from "./chain.ts";
export {
  type ApprovalSubject,
  approvalSubjectSchema,
  type LedgerEntry,
  type LedgerRecord,
  ledgerEntrySchema,
  type OutcomeEntry,
  outcomeEntrySchema,
  outcomeSchema,
  recordSchema,
} from "./record.ts";
export {
  type ChainBatch,
  type ChainError,
  type ChainTrust,
  type VerifiedChain,
  verifyBatch,
  verifyChain,
} from "./verify-chain.ts";
