import { createHash } from "node:crypto";
import type { PolicyTexts } from "@sluice/bundle/build";
import { canonicalJson } from "@sluice/kernel";

/** Names exactly these three texts: an impact, a request and an approval of one candidate fit no other. */
export function candidateDigest({ guardrails, access, obligations }: PolicyTexts): string {
  const text = canonicalJson({ guardrails, access, obligations });
  return createHash("sha256").update(`sluice.candidate.v1\n${text}`).digest("hex");
}
