import type { SeenMessage } from "../../apps/enforcer/src/protocols/postgres/fixtures/wire.ts";
import type { WireTurn } from "./wire-turns.ts";

/** How one turn's answer through Sluice stands to that of a role which lacks the rights. */
export type Comparison =
  | { readonly kind: "same" | "both refused" }
  /** the two sessions may hold other things from here on: Sluice refused what the server would have done, or earlier */
  | { readonly kind: "apart" }
  | { readonly kind: "difference"; readonly problem: string };

/** Of the classified columns of the fuzz' rows: no answer may hold it. */
export const CLASSIFIED = /user\d+@example|[+]33 6 12|4111 1111|123-45-/;
const LACKS_RIGHT = "42501";
/** No such statement, no such cursor: Sluice prepares again what a client may have lost, from the text that was judged. */
const NAMES = new Set(["26000", "34000"]);
/** They say nothing of what was executed: notices, reports of settings. */
const ASIDE = new Set(["N", "S", "A"]);

/** Compares the answers to one turn, message by message. */
export function compareTurn(
  ours: readonly SeenMessage[],
  reference: readonly SeenMessage[],
  { named }: WireTurn,
): Comparison {
  const mine = ours.filter(({ type }) => !ASIDE.has(type));
  const theirs = reference.filter(({ type }) => !ASIDE.has(type));
  for (const [at, left] of mine.entries()) {
    const right = theirs[at];
    if (left.type === "E") return refused(theirs.slice(at), named);
    if (right?.type === "E" && NAMES.has(right.code ?? "")) return { kind: "apart" };
    if (right?.type === "E") return difference(`executed what the other refused with ${right.code}: ${right.text}`);
    if (left.type !== right?.type) return difference(`${left.type} in the place of ${right?.type}`);
    if (differs(left, right)) return difference(`${left.type} ${left.text} in the place of ${right.text}`);
  }
  return mine.length === theirs.length ? { kind: "same" } : difference("an answer is missing");
}

const difference = (problem: string): Comparison => ({ kind: "difference", problem });

/** The rest of a batch is skipped alike; what was named before by the one alone is not. */
function refused(rest: readonly SeenMessage[], named: boolean): Comparison {
  const at = rest.findIndex(({ type }) => type === "E");
  if (at === -1 || (at > 0 && named)) return { kind: "apart" };
  return rest[at]?.code === LACKS_RIGHT ? { kind: "both refused" } : { kind: "same" };
}

function differs(left: SeenMessage, right: SeenMessage): boolean {
  // columns are described the same but for what masking makes of their types
  if (left.type === "T") return false;
  if (left.type === "D" && CLASSIFIED.test(right.text ?? "")) return CLASSIFIED.test(left.text ?? "");
  return !left.body.equals(right.body);
}
