import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { unwrap } from "@sluice/kernel";
import {
  type CedarAuthorizer,
  createSnapshot,
  entityFromCedarJson,
  entityUid,
  loadCedar,
  valueFromCedarJson,
} from "@sluice/policy-engine";
import { seededRandom } from "../bench/figures.ts";
import { spellOutLongs } from "../corpus/cedar-case.ts";
import { type FuzzCase, type FuzzRequest, generateCase } from "./policy-generator.ts";

/** What a fuzz run did. */
export interface FuzzRun {
  readonly requests: number;
  /** policies that neither parser accepts, left out */
  readonly unparsed: number;
  /** how often each kind of answer came: a run that never errs or never allows tests nothing */
  readonly answers: Readonly<Record<string, number>>;
  /** each names its seed, so that it can be run again */
  readonly differences: readonly string[];
}

interface Tally {
  requests: number;
  unparsed: number;
  readonly answers: Record<string, number>;
  readonly differences: string[];
}

/** Compares the engine with the official one on at least so many generated requests: decision, reasons and errors. */
export function fuzzPolicies(seed: number, requestsMin: number): FuzzRun {
  const tally: Tally = { requests: 0, unparsed: 0, answers: {}, differences: [] };
  for (let at = 0; tally.requests < requestsMin && tally.differences.length < 10; at += 1) {
    const caseSeed = seed * 1_000_003 + at;
    compareCase(generateCase(seededRandom(caseSeed)), caseSeed, tally);
  }
  return tally;
}

function compareCase(fuzzCase: FuzzCase, seed: number, tally: Tally): void {
  const parsed = parsePolicies(fuzzCase.policies);
  tally.unparsed += fuzzCase.policies.length - parsed.size;
  const official = cedar.preparsePolicySet("fuzz", { staticPolicies: Object.fromEntries(parsed) });
  if (official.type === "failure") throw new Error(`seed ${seed}: the official parser refused the set`);
  const ours = unwrap(loadCedar({ staticPolicies: Object.fromEntries(parsed) }));
  const entities = createSnapshot(
    fuzzCase.entities.map((entity) => unwrap(entityFromCedarJson(entity))),
    { actions: [] },
  );
  const officialEntities: cedar.Entities = toJson(fuzzCase.entities);
  for (const request of fuzzCase.requests) {
    const theirs = officialAnswer(request, officialEntities);
    const answer = ourAnswer(ours, request, entities);
    tally.requests += 1;
    const kind = theirs.includes("despite p") ? `${theirs.split(" ")[0]} with errors` : (theirs.split(" ")[0] ?? "");
    tally.answers[kind] = (tally.answers[kind] ?? 0) + 1;
    if (theirs !== answer) tally.differences.push(`seed ${seed}: official ${theirs}; ours ${answer}`);
  }
}

function parsePolicies(texts: readonly string[]): Map<string, cedar.PolicyJson> {
  const parsed = new Map<string, cedar.PolicyJson>();
  texts.forEach((text, at) => {
    const answer = cedar.policyToJson(spellOutLongs(text));
    if (answer.type === "success") parsed.set(`p${at}`, answer.json);
  });
  return parsed;
}

function officialAnswer(request: FuzzRequest, entities: cedar.Entities): string {
  const answer = cedar.statefulIsAuthorized({
    principal: request.principal,
    action: request.action,
    resource: request.resource,
    context: toJson(request.context),
    preparsedPolicySetId: "fuzz",
    entities,
  });
  if (answer.type === "failure") throw new Error("the official engine refused a request", { cause: answer.errors });
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId }) => policyId);
  return textOf(decision, diagnostics.reason, errors);
}

/** The generator makes JSON by construction; cedar-wasm's types want it said. */
function toJson<T>(json: unknown): T {
  return JSON.parse(JSON.stringify(json));
}

function ourAnswer(
  authorizer: CedarAuthorizer,
  request: FuzzRequest,
  entities: ReturnType<typeof createSnapshot>,
): string {
  const answer = authorizer.authorize({
    principal: entityUid(request.principal.type, request.principal.id),
    action: entityUid(request.action.type, request.action.id),
    resource: entityUid(request.resource.type, request.resource.id),
    context: unwrap(valueFromCedarJson(request.context)),
    entities,
  });
  const errors = answer.errors.map(({ policyId }) => policyId);
  return textOf(answer.decision, answer.reasons, errors);
}

function textOf(decision: string, reasons: readonly string[], errors: readonly string[]): string {
  return `${decision} because ${reasons.toSorted().join()} despite ${errors.toSorted().join()}`;
}
