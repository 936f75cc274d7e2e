import type { BundleResource } from "@sluice/bundle";
import type { LedgerRecord } from "@sluice/ledger";
import {
  type DecisionRequest,
  type EntityUid,
  entityUid,
  type MaskStrategy,
  mergeObligations,
  noObligations,
  type ObligationKind,
  type Obligations,
  type Value,
  type Verdict,
} from "@sluice/policy-engine";
import type { LoadedBundle } from "../control/site.ts";
import type { ClientIdentity } from "../identity/identity.ts";
import type { Access, Catalogue, FactObject, StatementFacts } from "../languages/facts.ts";
import type { HiddenColumn, MaskDemand } from "../masking/contract.ts";
import type { ClientFacts, Denial } from "../protocols/protocol.ts";
import { type ClassifiedColumn, classifiedReads, covered } from "./classes.ts";
import { type ApprovalFact, commonFields, sqlContext, unmaskContext } from "./context.ts";
import { denialOf } from "./denial.ts";
import { pairGiven, unmaskGiven } from "./given.ts";
import { type Overlay, objectUid, overlayOf, withObject } from "./overlay.ts";

/** The obligations that this pipeline can carry out; any other denies. */
export const UNDERSTOOD: ReadonlySet<ObligationKind> = new Set([
  "mask",
  "limit_rows",
  "limit_bytes",
  "limit_time",
  "limit_rate",
  "record",
  "strict",
  "notify",
  "require_approval",
]);

/** What one request is decided with. */
export interface DecisionInput {
  readonly bundle: LoadedBundle;
  readonly catalogue: Catalogue;
  readonly resource: BundleResource;
  readonly identity: ClientIdentity;
  readonly client: ClientFacts;
  readonly statements: readonly StatementFacts[];
  readonly inTransaction: boolean;
  readonly nowMs: number;
  readonly approval?: ApprovalFact | undefined;
}

type Decided = LedgerRecord["decisions"][number];

/** The decision on one request: the strictest of all its pairs, with everything that an allow owes. */
export interface Decision {
  readonly kind: "allow" | "ask" | "deny";
  readonly denial: Denial | undefined;
  /** what the denial is about, where it is one object of one statement */
  readonly refused: { readonly statement: number; readonly object: FactObject } | undefined;
  readonly workflows: readonly string[];
  readonly obligations: Obligations;
  readonly masks: readonly (MaskDemand | undefined)[];
  readonly readsHidden: boolean;
  readonly errorsMayLeak: boolean;
  /** for the record, one per pair and per unmask question */
  readonly decisions: readonly Decided[];
  readonly classes: readonly string[];
}

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
  readonly #common: Record<string, Value>;
  readonly #decisions: Decided[] = [];
  readonly #masks: (MaskDemand | undefined)[] = [];
  readonly #classes = new Set<string>();
  readonly #unmasked = new Map<ClassifiedColumn, UnmaskQuestion>();
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
    this.#common = commonFields(input.nowMs, input.client, input.approval);
  }

  statement(facts: StatementFacts): void {
    // a statement that needs nothing was not understood
    const accesses = facts.accesses.length === 0 ? [DATABASE_ACCESS] : facts.accesses;
    for (const access of accesses) this.#pair(facts, access);
    const hidden = this.#hiddenOf(facts);
    if (hidden.length > 0) this.#readsHidden = true;
    this.#errorsMayLeak ||= this.#touchesHidden(facts);
    this.#refuseLaundering(facts, hidden);
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
    };
  }

  #pair(facts: StatementFacts, access: Access): void {
    const { inTransaction, resource } = this.#input;
    const context = sqlContext(this.#common, facts, access, this.#overlay.classes, inTransaction);
    const request = this.#request(access.action, objectUid(resource, access.object), context);
    const asked = { ...request, entities: withObject(this.#overlay, resource, access.object) };
    const verdict = this.#input.bundle.engine.decide(asked);
    const several = this.#input.statements.length > 1;
    this.#decisions.push(
      decidedOf(asked, verdict, pairGiven(facts, access, { classes: this.#overlay.classes, inTransaction, several })),
    );
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

  #request(action: string, resource: EntityUid, context: Value): DecisionRequest {
    const { identity } = this.#input;
    return {
      principal: identity.principal.uid,
      onBehalfOf: identity.onBehalfOf?.uid,
      action: entityUid("Action", action),
      resource,
      context,
      entities: this.#overlay.entities,
      understands: UNDERSTOOD,
    };
  }

  #hiddenOf(facts: StatementFacts): HiddenColumn[] {
    const hidden: HiddenColumn[] = [];
    for (const column of classifiedReads(this.#overlay.classes, facts)) {
      this.#classes.add(column.dataClass);
      const question = this.#unmask(column);
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
  #owe({ verdict }: UnmaskQuestion, column: ClassifiedColumn, facts: StatementFacts): void {
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
    const touched = writes ? classes.all : facts.accesses.flatMap(({ object }) => covered(classes, object, ["*"]));
    return touched.some((column) => !this.#unmask(column).allowed);
  }

  /** Whether a column may be seen in clear; asked once per request, recorded only for what is read. */
  #unmask(column: ClassifiedColumn): UnmaskQuestion {
    const known = this.#unmasked.get(column);
    if (known) return known;
    const { bundle, resource } = this.#input;
    const table = objectUid(resource, { kind: "table", schema: column.schema, name: column.table });
    const context = unmaskContext(this.#common, column, table, entityUid("Database", resource.name));
    const request = this.#request("unmask", entityUid("DataClass", column.dataClass), context);
    const verdict = bundle.engine.decide(request);
    const decided = decidedOf(request, verdict, unmaskGiven(column));
    // permission to see it otherwise masked than its class is no permission to see it in clear
    const strategy = verdict.kind === "allow" ? verdict.obligations.masks.get(column.dataClass) : undefined;
    const allowed = verdict.kind === "allow" && strategy === undefined;
    const made = { allowed, strategy, verdict, decided, recorded: false };
    this.#unmasked.set(column, made);
    return made;
  }

  /** Hidden values must not be copied to where no class protects them: a later read would show them. */
  #refuseLaundering(facts: StatementFacts, hidden: readonly HiddenColumn[]): void {
    for (const { from, into } of facts.persists ?? []) {
      const target = { kind: "table", schema: into.schema, name: into.table } as const;
      const safe = new Set(covered(this.#overlay.classes, target, [into.column]).map(({ dataClass }) => dataClass));
      const leaked = hidden.find(
        (column) =>
          (from.unknown || from.sources.some((source) => isSource(column, source))) &&
          (into.column === "*" || !safe.has(column.dataClass)),
      );
      if (!leaked) continue;
      this.#denial ??= {
        kind: "policy",
        policyId: "masking",
        reason: `it would copy ${leaked.dataClass} values to ${into.schema}.${into.table}, where no data class protects them`,
        hint: `the right to unmask ${leaked.dataClass}, or that data class on the target column`,
      };
      return;
    }
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

interface UnmaskQuestion {
  /** it may be shown in clear */
  readonly allowed: boolean;
  /** how an obligation on the permission to unmask hides it, in the place of its class's own way */
  readonly strategy: MaskStrategy | undefined;
  readonly verdict: Verdict;
  readonly decided: Decided;
  recorded: boolean;
}

function decidedOf(request: DecisionRequest, verdict: Verdict, given: Decided["given"]): Decided {
  return {
    action: request.action.id,
    resource: { type: request.resource.type, id: request.resource.id },
    verdict: verdict.kind,
    ...(verdict.kind === "deny" ? { code: verdict.code } : {}),
    policies: [...verdict.determining, ...verdict.errors.map(({ policyId }) => policyId)],
    ...(given ? { given } : {}),
  };
}

const STRENGTH: Readonly<Record<MaskStrategy, number>> = { partial: 0, format: 1, hmac: 2, redact: 3, null: 4 };

function stronger(left: MaskStrategy, right: MaskStrategy | undefined): MaskStrategy {
  return right !== undefined && STRENGTH[right] > STRENGTH[left] ? right : left;
}

function isSource(
  column: ClassifiedColumn | HiddenColumn,
  source: { readonly schema: string; readonly table: string; readonly column: string },
): boolean {
  if (column.schema !== source.schema || column.table !== source.table) return false;
  return column.column === "*" || source.column === "*" || column.column === source.column;
}
