import { type PolicyTests, type PolicyTexts, writeTestFiles } from "@sluice/bundle/build";
import type { z } from "zod";
import { comparePolicies, outlinePolicies } from "../outline.ts";
import type { changesSchema } from "../schemas.ts";

/** Texts with their tests. */
interface State {
  readonly texts: PolicyTexts;
  readonly tests: PolicyTests;
}

/** What one state changes against another: policy by policy, the whole texts, and the files of tests that differ. */
export function compareStates(from: State, to: State): z.infer<typeof changesSchema> {
  const { added, removed, changed } = comparePolicies(outlinePolicies(from.texts), outlinePolicies(to.texts));
  return {
    sets: {
      guardrails: { before: from.texts.guardrails, after: to.texts.guardrails },
      access: { before: from.texts.access, after: to.texts.access },
      obligations: { before: from.texts.obligations, after: to.texts.obligations },
    },
    tests: changedTests(from.tests, to.tests),
    policies: [
      ...removed.map(({ id, set, text }) => ({ id, set, change: "removed" as const, before: text, after: null })),
      ...changed.map(({ before, after }) => ({
        id: after.id,
        set: after.set,
        change: "changed" as const,
        before: before.text,
        after: after.text,
      })),
      ...added.map(({ id, set, text }) => ({ id, set, change: "added" as const, before: null, after: text })),
    ],
  };
}

/** The files of tests that differ, by path; a file that is missing on one side is empty there. */
function changedTests(from: PolicyTests, to: PolicyTests): z.infer<typeof changesSchema>["tests"] {
  const before = writeTestFiles(from);
  const after = writeTestFiles(to);
  const files = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return files
    .filter((file) => before[file] !== after[file])
    .map((file) => ({ file, before: before[file] ?? "", after: after[file] ?? "" }));
}
