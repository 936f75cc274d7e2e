import { type MaskStrategy, mergeObligations, noObligations, type Obligations } from "@sluice/policy-engine";
import type { Access, StatementFacts } from "../languages/facts.ts";
import type { HiddenColumn, MaskDemand } from "../masking/contract.ts";
import type { Denial } from "../protocols/protocol.ts";
import { type ClassifiedColumn, classifiedReads, covered } from "./classes.ts";
import type { Decided, Decision, DecisionInput } from "./decision.ts";
import { denialOf } from "./denial.ts";
import { launderingDenial } from "./laundering.ts";
import { type Overlay, overlayOf } from "./overlay.ts";
import { Questions, type UnmaskAnswer } from "./questions.ts";

const DATABASE_ACCESS: Access = {
  action: "sql.opaque",
  object: { kind: "database", schema: "", name: "" },
  columnsRead: [],
  columnsWritten: [],
  columnsFiltered: [],
};

/** Decides every pair of every statement. Synchronous, no I/O. */
export function decideRequest(input: DecisionInput): Decision {
  const work = new DecisionWork(input);
  for (const facts of input.statements) work.statement(facts);
  return work.result();
}

const CATALOGUE_READ: StatementFacts = Object.freeze({
  command: "SELECT",
  accesses: [
    {
      action: "sql.read.select",
      object: { kind: "table", schema: "pg_catalog", name: "pg_class" },
      columnsRead: ["relname"],
      columnsWritten: [],
      columnsFiltered: [],
    },
  ],
  functions: [],
  unparsed: false,
  opaque: false,
  dynamic: false,
  unbounded: false,
  multiStatement: false,
  returnsRows: true,
  changesSession: false,
  transaction: "none",
  span: [0, 0],
} satisfies StatementFacts);

/** Whether this principal may read which objects there are: only then may it be told that one is missing. */
export function mayReadCatalogue(input: DecisionInput): boolean {
  return decideRequest({ ...input, statements: [CATALOGUE_READ] }).kind === "allow";
}

class DecisionWork {
  readonly #input: DecisionInput;
  readonly #overlay: Overlay;
  readonly #questions: Questions;
  readonly #decisions: Decided[] = [];
  readonly #masks: (MaskDemand | undefined)[] = [];
  readonly #classes = new Set<string>();
  readonly #workflows = new Set<string>();
  #obligations: Obligations = noObligations;
  #denial: Denial | undefined;
  #refused: Decision["refused"];
  #ask: Denial | undefined;
  #readsHidden = false;
  #errorsMayLeak = false;

  constructor(input: DecisionInput) {
    this.#input = input;
    this.#overlay = overlayOf(input.bundle, input.catalogue, input.resource);
    this.#questions = new Questions(input, this.#overlay);
  }

  statement(facts: StatementFacts): void {
    // a statement that needs nothing was not understood
    const accesses = facts.accesses.length === 0 ? [DATABASE_ACCESS] : facts.accesses;
    for (const access of accesses) this.#pair(facts, access);
    const hidden = this.#hiddenOf(facts);
    if (hidden.length > 0) this.#readsHidden = true;
    this.#errorsMayLeak ||= this.#touchesHidden(facts);
    const mayShow = (column: ClassifiedColumn) => this.#questions.unmask(column).allowed;
    this.#denial ??= launderingDenial(this.#overlay.classes, facts, hidden, mayShow);
    this.#masks.push(this.#demand(facts, hidden));
  }

  result(): Decision {
    const denial = this.#denial ?? this.#ask;
    return {
      kind: this.#denial ? "deny" : this.#ask ? "ask" : "allow",
      denial,
      refused: this.#refused,
      workflows: [...this.#workflows],
      obligations: this.#obligations,
      masks: this.#masks.map((demand) => demand && this.#strengthen(demand)),
      readsHidden: this.#readsHidden,
      errorsMayLeak: this.#readsHidden || this.#errorsMayLeak,
      decisions: this.#decisions,
      classes: [...this.#classes],
      grantsEndMs: this.#questions.grantsEndMs,
    };
  }

  #pair(facts: StatementFacts, access: Access): void {
    const { decided, request, verdict } = this.#questions.pair(facts, access);
    this.#decisions.push(decided);
    if (verdict.kind === "deny") {
      if (!this.#denial) this.#refused = { statement: this.#masks.length, object: access.object };
      this.#denial ??= denialOf(verdict, facts, access, () => this.#input.bundle.engine.explain(request).wouldAllow);
      return;
    }
    this.#obligations = mergeObligations(this.#obligations, verdict.obligations);
    if (verdict.kind !== "ask") return;
    for (const workflow of verdict.workflows) this.#workflows.add(workflow);
    this.#ask ??= denialOf(verdict, facts, access, () => []);
  }

  #hiddenOf(facts: StatementFacts): HiddenColumn[] {
    const hidden: HiddenColumn[] = [];
    for (const column of classifiedReads(this.#overlay.classes, facts)) {
      this.#classes.add(column.dataClass);
      const question = this.#questions.unmask(column);
      if (!question.recorded) this.#decisions.push(question.decided);
      question.recorded = true;
      this.#owe(question, column, facts);
      if (question.allowed) continue;
      const byClass = this.#overlay.classes.strategies.get(column.dataClass) ?? "redact";
      hidden.push({ ...column, strategy: question.strategy ?? byClass });
    }
    return hidden;
  }

  /** What policy attaches to seeing a value in clear is owed by the exchange that shows it; an approval is asked for first. */
  #owe({ verdict }: UnmaskAnswer, column: ClassifiedColumn, facts: StatementFacts): void {
    if (verdict.kind === "deny") return;
    this.#obligations = mergeObligations(this.#obligations, verdict.obligations);
    if (verdict.kind !== "ask") return;
    for (const workflow of verdict.workflows) this.#workflows.add(workflow);
    const object = { kind: "table", schema: column.schema, name: column.table } as const;
    const reads = facts.accesses.find(
      (access) => access.object.schema === column.schema && access.object.name === column.table,
    );
    this.#ask ??= denialOf(verdict, facts, reads ?? { ...DATABASE_ACCESS, object }, () => []);
  }

  /** "Failing row contains (…)" shows columns that nobody named; writes reach further rows through triggers and keys. */
  #touchesHidden(facts: StatementFacts): boolean {
    const { classes } = this.#overlay;
    const writes = facts.accesses.some(({ action }) => !action.startsWith("sql.read."));
    const { quotes = [] } = facts;
    const objects = quotes === "any" ? [] : [...facts.accesses.map(({ object }) => object), ...quotes];
    const touched =
      writes || quotes === "any" ? classes.all : objects.flatMap((object) => covered(classes, object, ["*"]));
    return touched.some((column) => !this.#questions.unmask(column).allowed);
  }

  #demand(facts: StatementFacts, hidden: readonly HiddenColumn[]): MaskDemand | undefined {
    const answers = facts.returnsRows || facts.copy?.direction === "out" || facts.unparsed;
    if (hidden.length === 0 || !answers) return undefined;
    const { bundle, catalogue } = this.#input;
    const lineage = facts.lineage ?? "unknown";
    return { hidden, lineage, catalogue, copy: facts.copy, maskKey: bundle.content.maskKey };
  }

  #strengthen(demand: MaskDemand): MaskDemand {
    const { masks } = this.#obligations;
    if (masks.size === 0) return demand;
    const hidden = demand.hidden.map((column) => ({
      ...column,
      strategy: stronger(column.strategy, masks.get(column.dataClass)),
    }));
    return { ...demand, hidden };
  }
}

const STRENGTH: Readonly<Record<MaskStrategy, number>> = { partial: 0, format: 1, hmac: 2, redact: 3, null: 4 };

function stronger(left: MaskStrategy, right: MaskStrategy | undefined): MaskStrategy {
  return right !== undefined && STRENGTH[right] > STRENGTH[left] ? right : left;
}
