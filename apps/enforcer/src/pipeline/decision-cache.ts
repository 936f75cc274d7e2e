import type { StatementFacts } from "../languages/facts.ts";
import { decideRequest } from "./decide.ts";
import type { Decision, DecisionInput } from "./decision.ts";

const DECISIONS_MAX = 256;
const SHAPE_CHARS_MAX = 8_192;

/**
 * Decisions of one session (one identity, one client) by what was understood, so that texts that differ in their literals
 * alone are decided once. What a decision is made of is either compared by identity (bundle, catalogue, resource), part of
 * the key (all facts but the place in the text, transaction), or the same for all it holds (the time): so a kept decision
 * equals a new one. Never keyed by a fingerprint of the text: texts of one fingerprint can mean different things. At most
 * 256 decisions of shapes up to 8,192 characters.
 */
export class DecisionCache {
  readonly #byShape = new Map<string, Decision>();
  #made: DecisionInput | undefined;

  /** As `decideRequest`. A decision with an approval is made for one exchange and never kept. */
  decide(input: DecisionInput): Decision {
    if (input.approval) return decideRequest(input);
    const made = this.#made;
    if (!made || !isSameState(made, input)) this.#byShape.clear();
    this.#made = input;
    const shape = shapeOf(input.statements, input.inTransaction);
    const known = this.#byShape.get(shape);
    if (known) return known;
    const decision = decideRequest(input);
    if (shape.length > SHAPE_CHARS_MAX) return decision;
    if (this.#byShape.size >= DECISIONS_MAX) this.#byShape.clear();
    this.#byShape.set(shape, decision);
    return decision;
  }

  get size(): number {
    return this.#byShape.size;
  }
}

function isSameState(left: DecisionInput, right: DecisionInput): boolean {
  return (
    left.bundle === right.bundle &&
    left.catalogue === right.catalogue &&
    left.resource === right.resource &&
    left.identity === right.identity &&
    left.client === right.client &&
    left.nowMs === right.nowMs
  );
}

/** All that was understood, in the order of its properties. Facts of equal meaning in another order only miss. */
function shapeOf(statements: readonly StatementFacts[], inTransaction: boolean): string {
  return JSON.stringify([inTransaction, ...statements.map(({ span: _place, ...understood }) => understood)]);
}
