import { plainVerdict } from "../../self-check.ts";
import type { CheckedPolicy } from "../check-policies.ts";

/** The part of a verdict that follows from what the official engine says of each policy. */
export interface ExpectedVerdict {
  readonly kind: "allow" | "ask" | "deny";
  readonly code?: string;
  readonly workflows?: readonly string[];
  readonly determining: readonly string[];
  readonly errors: readonly string[];
}

/**
 * SYSTEM.md's verdict for one principal, made a second time from the official engine's answers, plainly: what the engine's index and
 * its order of rules give must equal it.
 */
export function expectedVerdict(
  satisfied: readonly CheckedPolicy[],
  failing: readonly CheckedPolicy[],
  approved: ReadonlySet<string>,
): ExpectedVerdict {
  const errors = idsOf(failing);
  const closed = failing.filter(({ set, effect }) => effect === "forbid" || set === "obligations");
  if (closed.length > 0) return { kind: "deny", code: "policy_error", determining: idsOf(closed), errors };
  const owed = satisfied.filter(({ set }) => set === "obligations");
  const permits = satisfied.filter(({ set, effect }) => effect === "permit" && set !== "obligations");
  const forbids = satisfied.filter(
    ({ effect, requireApproval: asked }) =>
      effect === "forbid" && !(asked.length > 0 && asked.every((workflow) => approved.has(workflow))),
  );
  const hard = forbids.some(({ requireApproval }) => requireApproval.length === 0);
  if (hard || (permits.length === 0 && forbids.length > 0)) {
    return { kind: "deny", code: "forbidden", determining: idsOf(forbids), errors };
  }
  if (permits.length === 0) return { kind: "deny", code: "no_permit", determining: [], errors };
  const wanted = [
    ...forbids.flatMap(({ requireApproval }) => requireApproval),
    ...owed.flatMap(({ requireApproval }) => requireApproval.filter((workflow) => !approved.has(workflow))),
  ];
  if (wanted.length === 0) return { kind: "allow", determining: idsOf(permits), errors };
  const asking = [...forbids, ...owed.filter(({ requireApproval }) => requireApproval.length > 0)];
  return { kind: "ask", workflows: [...new Set(wanted)].toSorted(), determining: idsOf(asking), errors };
}

/** The same part of the engine's own verdict. */
export function comparable(verdict: Parameters<typeof plainVerdict>[0]): object {
  const plain = plainVerdict(verdict);
  return "obligations" in plain
    ? Object.fromEntries(Object.entries(plain).filter(([name]) => name !== "obligations"))
    : plain;
}

function idsOf(policies: readonly CheckedPolicy[]): string[] {
  return policies.map(({ id }) => id).toSorted();
}
