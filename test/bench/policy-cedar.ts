import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { checkPolicies, type PolicyTexts } from "@sluice/bundle/build";
import { type DecisionRequest, type PolicyEngine, schemaText } from "@sluice/policy-engine";
import { percentile, type Report } from "./figures.ts";
import { cedarContext, cedarEntities, type JsonEntity } from "./policy-json.ts";

/** How many requests cedar-wasm gets: it takes milliseconds for each. */
const SAMPLE = 150;

/** The official engine on the same requests, in the same run: preparsed policies and schema, entities of one request. */
export function reportRatio(
  report: Report,
  { texts, requests, engine }: { texts: PolicyTexts; requests: readonly DecisionRequest[]; engine: PolicyEngine },
): void {
  const { policies } = checkPolicies(texts);
  // obligations are permits that grant nothing; here only the work counts, so all three sets go in
  const staticPolicies = Object.fromEntries(policies.map(({ id, json }) => [id, json]));
  const parsed = [cedar.preparsePolicySet("bench", { staticPolicies }), cedar.preparseSchema("bench", schemaText)];
  for (const answer of parsed)
    if (answer.type === "failure") throw new Error("cedar-wasm refused", { cause: answer.errors });
  const calls = requests.slice(0, SAMPLE).map((request) => callsFor(request));
  const theirs = timed(calls, (list) => {
    for (const call of list) {
      const answer = cedar.statefulIsAuthorized(call);
      if (answer.type === "failure") throw new Error("cedar-wasm failed", { cause: answer.errors });
    }
  });
  const ours = timed(requests.slice(0, SAMPLE), (request) => void engine.decide(request));
  report({
    name: "policy.ratio_vs_cedar_wasm.1000",
    value: Math.round(theirs / ours),
    unit: "x",
    better: "higher",
    context: {
      policies: 1_000,
      cedarWasmUs: Math.round(theirs),
      oursUs: Math.round(ours * 100) / 100,
      requests: SAMPLE,
    },
  });
}

/** For an agent with a person both are asked, as our own decision does. */
function callsFor(request: DecisionRequest): cedar.StatefulAuthorizationCall[] {
  const principals = request.onBehalfOf === undefined ? [request.principal] : [request.principal, request.onBehalfOf];
  const entities: JsonEntity[] = cedarEntities(request);
  return principals.map((principal) => ({
    principal: { type: principal.type, id: principal.id },
    action: { type: request.action.type, id: request.action.id },
    resource: { type: request.resource.type, id: request.resource.id },
    context: cedarContext(request),
    preparsedSchemaName: "bench",
    validateRequest: false,
    preparsedPolicySetId: "bench",
    entities,
  }));
}

/** The median microseconds of `run` over the items; the second pass counts. */
function timed<T>(items: readonly T[], run: (item: T) => void): number {
  const samples = new Float64Array(items.length);
  for (let round = 0; round < 2; round += 1) {
    items.forEach((item, at) => {
      const start = performance.now();
      run(item);
      samples[at] = (performance.now() - start) * 1_000;
    });
  }
  return percentile(samples, 0.5);
}
