import { type BundleContent, verifyBundle } from "@sluice/bundle";
import type { Clock } from "@sluice/kernel";
import {
  type EntitySnapshot,
  type EntityUid,
  entityUid,
  noObligations,
  type PolicyEngine,
  type Verdict,
} from "@sluice/policy-engine";
import { loadEntities } from "../control/load-bundle.ts";
import type { LoadedBundle } from "../control/site.ts";
import type { Catalogue } from "../languages/facts.ts";
import { decideRequest } from "../pipeline/decide.ts";
import { openRequest } from "../pipeline/open-request.ts";
import { differenceOf } from "./compare.ts";
import { FlipTotals } from "./flip-totals.ts";
import type { Answer, CandidateTotals, CatalogueMessage, Shot, ShownExchange, ShownSession } from "./messages.ts";

/** Catalogues kept; resources of one site change theirs rarely. */
const CATALOGUES_MAX = 32;

/** Whom a base bundle must be for. */
export interface BaseTrust {
  readonly bundleKey: Uint8Array;
  readonly orgId: string;
  readonly siteId: string;
}

/** Decides again what was decided, with other policies and everything else the same, and adds up what differs. */
export class Candidate {
  readonly #engine: PolicyEngine;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #catalogues = new Map<number, Catalogue>();
  readonly #totals = new FlipTotals();
  #base: LoadedBundle | undefined;
  #decided = 0;
  #unreplayable = 0;
  #failed = 0;
  #candidateUs = 0;

  constructor(engine: PolicyEngine, clock: Pick<Clock, "monotonic">) {
    // Explaining costs more than deciding and nobody reads it here.
    this.#engine = {
      ...engine,
      explain: (request) => ({ verdict: engine.decide(request), policies: [], wouldAllow: [] }),
    };
    this.#clock = clock;
  }

  /** Takes the data (not the policies) of a bundle; of one that does not verify, nothing is decided until the next. */
  rebase(envelope: Uint8Array | undefined, trust: BaseTrust): void {
    this.#base = undefined;
    if (envelope === undefined) return;
    // It is in force already: floor and lease are the keeper's to check.
    const verified = verifyBundle(envelope, { ...trust, versionFloor: 0, nowMs: 0 });
    if (!verified.ok) return;
    const entities = loadEntities(verified.value.content);
    if (entities.ok) this.#base = this.#bundleOf(verified.value.content, verified.value.digest, entities.value);
  }

  addCatalogue(message: CatalogueMessage): void {
    const [oldest] = this.#catalogues.keys();
    if (this.#catalogues.size >= CATALOGUES_MAX && oldest !== undefined) this.#catalogues.delete(oldest);
    this.#catalogues.set(message.key, catalogueOf(message));
  }

  /** Decides a batch that was decided with the bundle of that digest. Never throws. */
  decide(base: string, shots: readonly Shot[]): void {
    const startedMs = this.#clock.monotonic();
    for (const shot of shots) this.#decideOne(base, shot);
    this.#candidateUs += (this.#clock.monotonic() - startedMs) * 1000;
  }

  totals(): CandidateTotals {
    return {
      ...this.#totals.get(),
      decided: this.#decided,
      unreplayable: this.#unreplayable,
      failed: this.#failed,
      candidateUs: Math.round(this.#candidateUs),
    };
  }

  #decideOne(base: string, shot: Shot): void {
    const bundle = this.#base;
    try {
      const now = bundle?.digest === base ? this.#answer(bundle, shot) : undefined;
      if (!now) {
        this.#unreplayable += 1;
        return;
      }
      this.#decided += 1;
      const difference = differenceOf(shot.was, now);
      if (difference) this.#totals.add({ ...difference, exchangeId: shot.id, ...principalsOf(shot) });
    } catch {
      this.#failed += 1; // reported: a candidate's failure is what a run is there to find
    }
  }

  #answer(bundle: LoadedBundle, shot: Shot): Answer | undefined {
    return shot.kind === "exchange" ? this.#exchange(bundle, shot) : this.#session(bundle, shot);
  }

  #exchange(bundle: LoadedBundle, shot: ShownExchange): Answer | undefined {
    const catalogue = this.#catalogues.get(shot.catalogue);
    const resource = bundle.content.resources.find(({ id }) => id === shot.resourceId);
    if (!catalogue || !resource) return undefined;
    const { principal, onBehalfOf, client, statements, inTransaction, nowMs, approval } = shot;
    const identity = {
      principal: { uid: interned(principal), name: principal.id },
      onBehalfOf: onBehalfOf && { uid: interned(onBehalfOf), name: onBehalfOf.id },
      tokenId: "",
      expiresAtMs: 0,
    };
    return decideRequest({ bundle, catalogue, resource, identity, client, statements, inTransaction, nowMs, approval });
  }

  #session(bundle: LoadedBundle, shot: ShownSession): Answer {
    const who = {
      principal: interned(shot.principal),
      onBehalfOf: shot.onBehalfOf && interned(shot.onBehalfOf),
      resource: entityUid("Database", shot.resource),
    };
    const { request } = openRequest(bundle, who, shot.client, shot.nowMs);
    return answerOf(request.resource, bundle.engine.decide(request));
  }

  #bundleOf(content: BundleContent, digest: string, entities: EntitySnapshot): LoadedBundle {
    return { content, digest, engine: this.#engine, entities };
  }
}

/** The verdict on `session.open` in the form that exchanges have. */
export function answerOf({ type, id }: EntityUid, verdict: Verdict): Answer {
  const policies = [...verdict.determining, ...verdict.errors.map(({ policyId }) => policyId)];
  return {
    kind: verdict.kind,
    decisions: [{ action: "session.open", resource: { type, id }, verdict: verdict.kind, policies }],
    obligations: verdict.kind === "deny" ? noObligations : verdict.obligations,
    workflows: verdict.kind === "ask" ? verdict.workflows : [],
  };
}

function interned({ type, id }: { readonly type: string; readonly id: string }): EntityUid {
  return entityUid(type, id);
}

function principalsOf({ principal, onBehalfOf }: Shot): { readonly principal: string; readonly onBehalfOf: string } {
  const text = ({ type, id }: Shot["principal"]) => `${type}::${JSON.stringify(id)}`;
  return { principal: text(principal), onBehalfOf: onBehalfOf === undefined ? "" : text(onBehalfOf) };
}

/** A catalogue that holds what policies see of one, and nothing else. */
function catalogueOf({ key, schemas, relations, functions }: CatalogueMessage): Catalogue {
  const none = new Map<never, never>();
  const kinds = ["table", "view", "materialized_view", "foreign_table", "sequence", "index"] as const;
  const rows = Array.from({ length: relations.length / 3 }, (_, at) => ({
    oid: 0,
    schema: relations[at * 3] ?? "",
    name: relations[at * 3 + 1] ?? "",
    kind: kinds.find((kind) => kind === relations[at * 3 + 2]) ?? ("other" as const),
    columns: [],
  }));
  const routines = Array.from({ length: functions.length / 3 }, (_, at) => ({
    oid: 0,
    schema: functions[at * 3] ?? "",
    name: functions[at * 3 + 1] ?? "",
    language: "",
    volatility:
      (["immutable", "stable"] as const).find((word) => word === functions[at * 3 + 2]) ?? ("volatile" as const),
    securityDefiner: false,
    returnsSet: false,
    argumentCount: 0,
  }));
  return {
    version: String(key),
    schemas,
    relations: rows,
    functions: [],
    relationByOid: none,
    relationByName: none,
    functionsByName: new Map(routines.map((one) => [`${one.schema}.${one.name}`, [one]])),
  };
}
