import { createHash } from "node:crypto";
import { canonicalJson } from "@sluice/kernel";
import type { PolicyTexts } from "./check-policies.ts";

/** Names exactly these three texts: an impact, a request and an approval of one candidate fit no other. */
export function candidateDigest({ guardrails, access, obligations }: PolicyTexts): string {
  const text = canonicalJson({ guardrails, access, obligations });
  return createHash("sha256").update(`sluice.candidate.v1\n${text}`).digest("hex");
}
