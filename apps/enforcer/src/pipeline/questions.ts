import {
  coveringGrant,
  type DecisionRequest,
  type EntityUid,
  entityUid,
  type Grant,
  grantsOf,
  type MaskStrategy,
  type Value,
  type Verdict,
} from "@sluice/policy-engine";
import type { Access, StatementFacts } from "../languages/facts.ts";
import type { ClassifiedColumn } from "./classes.ts";
import { commonFields, JUDGED_MS, sqlContext, unmaskContext, withGrant } from "./context.ts";
import { type Decided, type DecisionInput, UNDERSTOOD } from "./decision.ts";
import { pairGiven, unmaskGiven } from "./given.ts";
import { type Overlay, objectUid, withObject } from "./overlay.ts";

/** A question that was put to policy, with its answer. */
interface Answered {
  readonly request: DecisionRequest;
  readonly verdict: Verdict;
  readonly decided: Decided;
}

/** What policy says of showing one classified column. */
export interface UnmaskAnswer extends Answered {
  /** it may be shown in clear */
  readonly allowed: boolean;
  /** how an obligation on the permission to unmask hides it, in the place of its class's own way */
  readonly strategy: MaskStrategy | undefined;
  recorded: boolean;
}

/** Puts one request's questions to policy: the same people, time, client and data in all of them. */
export class Questions {
  readonly #input: DecisionInput;
  readonly #overlay: Overlay;
  readonly #common: Record<string, Value>;
  readonly #grants: readonly Grant[];
  readonly #unmasked = new Map<ClassifiedColumn, UnmaskAnswer>();
  #grantsEndMs = Number.POSITIVE_INFINITY;

  constructor(input: DecisionInput, overlay: Overlay) {
    const { approval, bundle, client, identity, nowMs } = input;
    this.#input = input;
    this.#overlay = overlay;
    this.#common = commonFields(nowMs, client, approval);
    this.#grants = grantsOf(bundle.entities, (identity.onBehalfOf ?? identity.principal).uid);
  }

  /** When the first of the grants that were told ends. */
  get grantsEndMs(): number {
    return this.#grantsEndMs;
  }

  /** Whether one access of a statement may be. */
  pair(facts: StatementFacts, access: Access): Answered {
    const { inTransaction, resource, statements } = this.#input;
    const { classes } = this.#overlay;
    const on = {
      action: entityUid("Action", access.action),
      resource: objectUid(resource, access.object),
      entities: withObject(this.#overlay, resource, access.object),
    };
    const grant = this.#grant(on);
    const context = sqlContext(withGrant(this.#common, grant), facts, access, classes, inTransaction);
    const given = pairGiven(facts, access, { classes, inTransaction, several: statements.length > 1 });
    return this.#ask({ ...on, context }, given, grant);
  }

  /** Whether a column may be seen in clear; asked once per request. */
  unmask(column: ClassifiedColumn): UnmaskAnswer {
    const known = this.#unmasked.get(column);
    if (known) return known;
    const { resource } = this.#input;
    const object = { kind: "table", schema: column.schema, name: column.table } as const;
    const table = objectUid(resource, object);
    const action = entityUid("Action", "unmask");
    const grant = this.#grant({ action, resource: table, entities: withObject(this.#overlay, resource, object) });
    const common = withGrant(this.#common, grant);
    const context = unmaskContext(common, column, table, entityUid("Database", resource.name));
    const question = { action, resource: entityUid("DataClass", column.dataClass), context };
    const answered = this.#ask({ ...question, entities: this.#overlay.entities }, unmaskGiven(column), grant);
    const { verdict } = answered;
    // permission to see it otherwise masked than its class is no permission to see it in clear
    const strategy = verdict.kind === "allow" ? verdict.obligations.masks.get(column.dataClass) : undefined;
    const allowed = verdict.kind === "allow" && strategy === undefined;
    const made = { ...answered, allowed, strategy, recorded: false };
    this.#unmasked.set(column, made);
    return made;
  }

  #grant(on: Pick<DecisionRequest, "action" | "resource" | "entities">): Grant | undefined {
    if (this.#grants.length === 0) return undefined;
    const { nowMs } = this.#input;
    const grant = coveringGrant(this.#grants, { ...on, fromMs: nowMs, untilMs: nowMs + JUDGED_MS });
    if (grant) this.#grantsEndMs = Math.min(this.#grantsEndMs, grant.endsAtMs);
    return grant;
  }

  #ask(
    on: Pick<DecisionRequest, "action" | "resource" | "context" | "entities">,
    given: Decided["given"],
    grant: Grant | undefined,
  ): Answered {
    const { bundle, identity } = this.#input;
    const chain = { principal: identity.principal.uid, onBehalfOf: identity.onBehalfOf?.uid };
    const request = { ...chain, ...on, understands: UNDERSTOOD };
    const verdict = bundle.engine.decide(request);
    const known = given && grant ? { ...given, grant: grant.uid.id } : given;
    return { request, verdict, decided: decidedOf(on, verdict, known) };
  }
}

/** An answer as it stands on the record. */
function decidedOf(
  { action, resource }: { readonly action: EntityUid; readonly resource: EntityUid },
  verdict: Verdict,
  given: Decided["given"],
): Decided {
  return {
    action: action.id,
    resource: { type: resource.type, id: resource.id },
    verdict: verdict.kind,
    ...(verdict.kind === "deny" ? { code: verdict.code } : {}),
    policies: [...verdict.determining, ...verdict.errors.map(({ policyId }) => policyId)],
    ...(given ? { given } : {}),
  };
}
