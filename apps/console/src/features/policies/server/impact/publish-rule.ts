import type { ImpactResult } from "../../impact-schemas.ts";
import { REPLAYED_MAX } from "./span.ts";

/** A raised number holds only after this long. */
export const RAISE_DELAY_MS = 24 * 3_600_000;

/** The org's number as stored. */
export interface StoredRule {
  readonly flipsMax: number;
  readonly flipsMaxNext: number | null;
  readonly flipsMaxNextAt: Date | null;
}

/** The number that holds now: one that was raised holds a day later. */
export function flipsMaxNow(stored: StoredRule, nowMs: number): number {
  const { flipsMax, flipsMaxNext, flipsMaxNextAt } = stored;
  return flipsMaxNext !== null && flipsMaxNextAt !== null && flipsMaxNextAt.getTime() <= nowMs
    ? flipsMaxNext
    : flipsMax;
}

/**
 * Flips of the whole span, as the rule counts them: the greater of those against the version in force and against the anchor,
 * scaled from what was replayed to everything that might have been. Records that cannot matter any more (nothing decided,
 * principal or database gone) are not scaled to. Of a sample it is what 95 of 100 samples would not be beyond: flips that
 * are rare among many may not be in it at all.
 */
export function countedFlips(result: ImpactResult): number {
  const { changed, changedSinceAnchor, records, replayed, sampled, unreplayable } = result;
  if (replayed === 0 || sampled === 0) return 0;
  const found = Math.max(changed, changedSinceAnchor);
  const isSample = records > REPLAYED_MAX;
  const atMost = isSample ? found + 1 + 2 * Math.sqrt(found + 1) : found;
  const ofSample = (atMost * (replayed + (unreplayable.incomplete ?? 0))) / replayed;
  return Math.ceil(ofSample * (isSample ? records / sampled : 1));
}

/** Why a candidate needs a second person, in a sentence; null when one may publish it alone. */
export function secondPersonReason(result: ImpactResult, flipsMax: number): string | null {
  const unknown = result.unreplayable.incomplete ?? 0;
  if (unknown > result.replayed) {
    return `Most recorded exchanges (${unknown} of ${unknown + result.replayed}) do not hold enough to be replayed, so its effect is not known.`;
  }
  const flips = countedFlips(result);
  if (flips <= flipsMax) return null;
  const { changed, changedSinceAnchor, records } = result;
  const about = records > REPLAYED_MAX ? "up to about " : "";
  const together = changedSinceAnchor > changed ? ", together with what was published in the last day" : "";
  return `It changes how ${about}${flips} recorded exchanges of the last week end${together}; one person alone may change ${flipsMax}.`;
}
