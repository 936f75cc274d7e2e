import type { CompiledPolicy } from "./compile/policy.ts";
import type { MaskStrategy, ObligationKind, Obligations, RecordingLevel } from "./contract.ts";

const noMasks: ReadonlyMap<string, MaskStrategy> = new Map();

/** What an exchange owes when no obligation policy applies. */
export const noObligations: Obligations = {
  masks: noMasks,
  recording: "facts",
  strict: false,
  notify: [],
  approvals: [],
};

const strengthOfMask: Readonly<Record<MaskStrategy, number>> = { partial: 0, format: 1, hmac: 2, redact: 3, null: 4 };
const strengthOfRecording: Readonly<Record<RecordingLevel, number>> = { facts: 0, statement: 1, full: 2 };

interface Limits {
  rowsMax?: number;
  bytesMax?: number;
  timeMsMax?: number;
  ratePerMinuteMax?: number;
}
const limitNames = ["rowsMax", "bytesMax", "timeMsMax", "ratePerMinuteMax"] as const;

/** The obligations that the annotations of these satisfied policies ask for, approvals already given left out. */
export function obligationsOf(policies: readonly CompiledPolicy[], approved: ReadonlySet<string>): Obligations {
  let merged = noObligations;
  for (const { annotations } of policies) {
    merged = mergeObligations(merged, {
      ...pickLimits(annotations),
      masks: strongestMasks([...annotations.masks]),
      recording: annotations.recording ?? "facts",
      strict: annotations.strict ?? false,
      notify: annotations.notify,
      approvals: annotations.requireApproval.filter((workflow) => !approved.has(workflow)),
    });
  }
  return merged;
}

/** Both at once: the smallest limits, the strongest mask per class, the strongest recording, the union of the rest. */
export function mergeObligations(left: Obligations, right: Obligations): Obligations {
  if (left === noObligations) return right;
  if (right === noObligations) return left;
  return {
    ...smallest(left, right),
    masks: strongestMasks([...left.masks, ...right.masks]),
    recording:
      strengthOfRecording[left.recording] >= strengthOfRecording[right.recording] ? left.recording : right.recording,
    strict: left.strict || right.strict,
    notify: unionOf(left.notify, right.notify),
    approvals: unionOf(left.approvals, right.approvals),
  };
}

/** The kinds that these obligations contain. */
export function kindsOf(obligations: Obligations): ObligationKind[] {
  const kinds: ObligationKind[] = [];
  if (obligations.rowsMax !== undefined) kinds.push("limit_rows");
  if (obligations.bytesMax !== undefined) kinds.push("limit_bytes");
  if (obligations.timeMsMax !== undefined) kinds.push("limit_time");
  if (obligations.ratePerMinuteMax !== undefined) kinds.push("limit_rate");
  if (obligations.masks.size > 0) kinds.push("mask");
  if (obligations.recording !== "facts") kinds.push("record");
  if (obligations.strict) kinds.push("strict");
  if (obligations.notify.length > 0) kinds.push("notify");
  if (obligations.approvals.length > 0) kinds.push("require_approval");
  return kinds;
}

/** Every item once, in order of first appearance. */
export function unionOf(left: readonly string[], right: readonly string[]): readonly string[] {
  if (right.length === 0) return left;
  return left.length === 0 ? right : [...new Set([...left, ...right])];
}

function pickLimits(from: Limits | Obligations): Limits {
  const limits: Limits = {};
  for (const name of limitNames) {
    const limit = from[name];
    if (limit !== undefined) limits[name] = limit;
  }
  return limits;
}

function smallest(left: Obligations, right: Obligations): Limits {
  const limits = pickLimits(left);
  for (const name of limitNames) {
    const limit = right[name];
    if (limit !== undefined) limits[name] = Math.min(limits[name] ?? limit, limit);
  }
  return limits;
}

function strongestMasks(entries: readonly (readonly [string, MaskStrategy])[]): ReadonlyMap<string, MaskStrategy> {
  if (entries.length === 0) return noMasks;
  const masks = new Map<string, MaskStrategy>();
  for (const [dataClass, strategy] of entries) {
    const known = masks.get(dataClass);
    if (known === undefined || strengthOfMask[strategy] > strengthOfMask[known]) masks.set(dataClass, strategy);
  }
  return masks;
}
