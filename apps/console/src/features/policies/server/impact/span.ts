import type { ImpactSpan } from "../../impact-schemas.ts";

const HOUR_MS = 3_600_000;

/** The span that the publish rule counts over. A shorter one is for looking only: it could be chosen to be quiet. */
export const RULE_SPAN = "week" satisfies ImpactSpan;

const lengths: Readonly<Record<Exclude<ImpactSpan, "custom">, number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
};

/** Exchanges that one run replays at most; of more it takes an even sample of about this many. */
export const REPLAYED_MAX = 20_000;
/** Longest custom span. */
export const SPAN_MS_MAX = 31 * 24 * HOUR_MS;

/** From and to of a span that ends now. */
export function boundsOf(span: Exclude<ImpactSpan, "custom">, nowMs: number): { from: Date; to: Date } {
  return { from: new Date(nowMs - lengths[span]), to: new Date(nowMs) };
}
