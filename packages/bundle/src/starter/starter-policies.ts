import { readFileSync } from "node:fs";
import type { PolicyTexts } from "../build/check-policies.ts";

/** The policies a new org begins with, as texts to edit: see guardrails.cedar, access.cedar and obligations.cedar. */
export function starterPolicies(): PolicyTexts {
  return { guardrails: read("guardrails"), access: read("access"), obligations: read("obligations") };
}

function read(set: keyof PolicyTexts): string {
  return readFileSync(new URL(`${set}.cedar`, import.meta.url), "utf8");
}
