import type { OutcomeEntry } from "@sluice/ledger";
import type { StatementFacts } from "../languages/facts.ts";
import type { ExchangeOutcome, Judgement } from "../protocols/protocol.ts";
import type { Decision } from "./decision.ts";

/** Actions that change nothing; everything else is a write and holds its answer until the record is on disk. */
const READ_ACTION = /^(sql\.read\.|unmask$)/;

const UNSEEN = "approvers would not see what was prepared under a name";
const SEND_ITSELF = "send the statement itself, or bind its parameters by the extended protocol";

/** The judgement that an adapter acts on. */
export function judgementOf(
  text: string,
  statements: readonly StatementFacts[],
  decision: Decision,
  { catalogue, isCurrent }: Pick<Judgement, "catalogue" | "isCurrent">,
): Judgement {
  const { denial, errorsMayLeak, obligations, masks, readsHidden } = decision;
  const strict = obligations.strict || decision.decisions.some(({ action }) => !READ_ACTION.test(action));
  const basis = { text, statements, catalogue, obligations, masks, readsHidden, errorsMayLeak, strict, isCurrent };
  if (!denial || decision.kind === "allow") return { ...basis, kind: "allow" };
  if (decision.kind === "deny") return { ...basis, kind: "deny", denial };
  // Approvers would be shown EXECUTE and a name, which says nothing of what they approve.
  if (statements.some(({ executes }) => executes !== undefined))
    return { ...basis, kind: "deny", denial: { ...denial, reason: `${denial.reason} (${UNSEEN})`, hint: SEND_ITSELF } };
  return { ...basis, kind: "ask", workflows: decision.workflows, ask: denial };
}

/** The outcome of something refused before it reached the upstream. */
export function refusedOutcome(error: string, decideUs: number): OutcomeEntry["outcome"] {
  return { status: "refused", rows: 0, bytes: 0, maskedCells: {}, durationUs: 0, decideUs, error };
}

/** An adapter's outcome as it is recorded. */
export function outcomeOf(outcome: ExchangeOutcome, decideUs: number, durationUs: number): OutcomeEntry["outcome"] {
  return {
    status: outcome.status,
    rows: outcome.rows,
    bytes: outcome.bytes,
    maskedCells: outcome.maskedCells,
    durationUs: Math.max(0, Math.round(durationUs)),
    decideUs,
    error: outcome.error,
    tag: outcome.tag,
  };
}
