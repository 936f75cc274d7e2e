import { createHash } from "node:crypto";
import { canonicalJson } from "@sluice/kernel";
import { type ApprovalSubject, approvalSubjectSchema } from "./record.ts";

/**
 * What an approval is bound to: sha-256 (hex) over the canonical form of what is asked. The enforcer computes it when it
 * asks and again before it forwards; the control plane computes it from the subject that it shows to the approver, so
 * that nobody can be shown one thing and approve another. Throws when the subject does not have the schema's form.
 */
export function approvalDigest(subject: ApprovalSubject): string {
  const canonical = canonicalJson(approvalSubjectSchema.parse(subject));
  return createHash("sha256").update("sluice.approval.v1\n").update(canonical).digest("hex");
}
