import type { Finding } from "./diagnostic.ts";
import { nearest } from "./nearest.ts";

const methods = [
  "contains",
  "containsAll",
  "containsAny",
  "isEmpty",
  "hasTag",
  "getTag",
  "isIpv4",
  "isIpv6",
  "isLoopback",
  "isMulticast",
  "isInRange",
  "lessThan",
  "lessThanOrEqual",
  "greaterThan",
  "greaterThanOrEqual",
  "offset",
  "durationSince",
  "toDate",
  "toTime",
  "toMilliseconds",
  "toSeconds",
  "toMinutes",
  "toHours",
  "toDays",
];

/** What the parser names without guessing what was meant, and what it could have been. */
const slips: readonly (readonly [pattern: RegExp, words: readonly string[]])[] = [
  [/^Invalid policy effect: (\w+)/, ["permit", "forbid"]],
  [/^Invalid policy condition: (\w+)/, ["when", "unless"]],
  [/^Found an invalid variable in the policy scope: (\w+)/, ["principal", "action", "resource"]],
  [/^`(\w+)` is not a valid method/, methods],
  [/^`(\w+)` is not a valid function/, ["ip", "decimal", "datetime", "duration"]],
  [/^Invalid variable: (\w+)/, ["principal", "action", "resource", "context"]],
];

const NEVER = /^(?:Policy is impossible|Unable to find an applicable action)/;

/** Adds what the official engine leaves out: a guess at what was meant, and what to do about a policy that never applies. */
export function withSuggestion(finding: Finding): Finding {
  if (NEVER.test(finding.message)) return neverApplies(finding);
  for (const [pattern, words] of slips) {
    const word = pattern.exec(finding.message)?.[1];
    const meant = word === undefined ? undefined : nearest(word, words);
    if (meant === undefined || word === meant) continue;
    const more = finding.suggestion === undefined ? "" : ` ${finding.suggestion}`;
    return { ...finding, suggestion: `Did you mean \`${meant}\`?${more}` };
  }
  return finding;
}

function neverApplies(finding: Finding): Finding {
  const scope = finding.message.startsWith("Unable");
  return {
    ...finding,
    code: "never_applies",
    message: scope
      ? "This policy can never apply: none of its actions applies to such a principal and resource."
      : "This policy can never apply: its scope and conditions are false for every request that there can be.",
    suggestion: scope
      ? "Compare its action and resource with docs/policy-schema.md."
      : "Look for types that cannot be equal, conditions that exclude each other, and actions without such a resource.",
  };
}

/** A policy that never applies is said once, by its nearest reason. */
export function once(findings: readonly Finding[]): Finding[] {
  const never = findings.find(({ code }) => code === "never_applies");
  return findings.filter((finding) => finding.code !== "never_applies" || finding === never);
}
