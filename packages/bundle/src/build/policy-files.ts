import { createHash } from "node:crypto";
import { canonicalJson, ok, type Result } from "@sluice/kernel";
import { parsePolicy } from "./cedar.ts";
import { type PolicyTexts, policySets } from "./check-policies.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";
import { policyFile } from "./file-names.ts";
import { formatPolicies } from "./format-policies.ts";
import { idOf } from "./lint-policy.ts";
import { noTests, type PolicyTests } from "./policy-tests.ts";
import { type PolicyPiece, splitPolicies } from "./split-policies.ts";
import { writeTestFiles } from "./test-files.ts";

/** The files of a policy folder: path below it (with `/`) to content. */
export type PolicyFiles = Readonly<Record<string, string>>;

/**
 * Writes a whole set as a folder that belongs in git: one file per policy, in a folder per set, its tests beside it. The
 * same policies and tests give the same bytes, in whatever order and layout they were written. Comments go with the policy they
 * precede. Refuses texts that do not parse.
 */
export function writePolicyFiles(
  texts: PolicyTexts,
  tests: PolicyTests = noTests,
): Result<PolicyFiles, readonly PolicyDiagnostic[]> {
  const files: [path: string, content: string][] = [];
  for (const set of policySets) {
    const formatted = formatPolicies(texts[set], set);
    if (!formatted.ok) return formatted;
    for (const { id, text } of policiesWithComments(formatted.value)) files.push([policyFile(set, id), text]);
  }
  files.push(...Object.entries(writeTestFiles(tests)));
  return ok(Object.fromEntries(files.toSorted(([left], [right]) => (left < right ? -1 : 1))));
}

/** The policies of a formatted text, each with the comments that are about it. */
function policiesWithComments(text: string): { id: string; text: string }[] {
  const pieces = splitPolicies(text);
  const ends = pieces.map((piece) => endOfLine(text, piece));
  return pieces.map((piece, at) => {
    const from = at === 0 ? 0 : (ends[at - 1] ?? 0);
    const end = ends[at] ?? text.length;
    // comments after the last policy have nothing to stand before: they go above it
    const after = at === pieces.length - 1 ? text.slice(end).trim() : "";
    const above = [text.slice(from, piece.from).trim(), after].filter((part) => part !== "").join("\n");
    const body = text.slice(piece.from, end).trim();
    const json = parsePolicy(piece.text);
    const id = json.ok ? idOf(json.value) : undefined;
    return { id: id ?? `policy-${at + 1}`, text: `${above === "" ? "" : `${above}\n`}${body}\n` };
  });
}

/** Where a policy ends: with the comment on its last line, which is about it. */
function endOfLine(text: string, { to }: PolicyPiece): number {
  const [rest = ""] = /^[^\n]*/.exec(text.slice(to, to + 10_000)) ?? [];
  return /^\s*(?:\/\/.*)?$/.test(rest) ? to + rest.length : to;
}

/** sha-256 (hex) of a folder's files: the same policies and tests, written by `writePolicyFiles`, have the same digest. */
export function digestOfFiles(files: PolicyFiles): string {
  return createHash("sha256").update(canonicalJson(files)).digest("hex");
}
