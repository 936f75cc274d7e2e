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
