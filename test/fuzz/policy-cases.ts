import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { seededRandom } from "../bench/figures.ts";
import { spellOutLongs } from "../corpus/cedar-case.ts";
import { type FuzzEntity, type FuzzRequest, generateCase } from "./policy-generator.ts";

/** A generated case with the official engine's answers. Plain data: it can be sent to another thread. */
export interface OfficialCase {
  readonly seed: number;
  /** a policy set in Cedar's JSON form */
  readonly policySet: {
    readonly staticPolicies: Record<string, cedar.PolicyJson>;
    readonly templates: Record<string, cedar.PolicyJson>;
    readonly templateLinks: cedar.TemplateLink[];
  };
  readonly entities: readonly FuzzEntity[];
  readonly requests: readonly FuzzRequest[];
  /** one per request, as `answerText` writes them */
  readonly answers: readonly string[];
  /** policies that the parser refused, left out */
  readonly unparsed: number;
}

/** The case of a seed, asked of the official engine. */
export function officialCase(seed: number): OfficialCase {
  const { policies, templates, links, entities, requests } = generateCase(seededRandom(seed));
  const parsed = policies.flatMap((text, at) => {
    const answer = cedar.policyToJson(spellOutLongs(text));
    return answer.type === "success" ? [[`p${at}`, answer.json] as const] : [];
  });
  const parsedTemplates = templates.map((text) => {
    const answer = cedar.templateToJson(spellOutLongs(text));
    return answer.type === "success" ? answer.json : undefined;
  });
  const templateLinks = links.flatMap(({ template, principal, resource }, at) => {
    const slots = [...new Set(templates[template]?.match(/\?(?:principal|resource)/g))];
    const values = slots.map((slot) => [slot, slot === "?principal" ? principal : resource] as const);
    if (parsedTemplates[template] === undefined) return [];
    return [{ templateId: `t${template}`, newId: `l${at}`, values: Object.fromEntries(values) }];
  });
  const policySet = {
    staticPolicies: Object.fromEntries(parsed),
    templates: Object.fromEntries(parsedTemplates.flatMap((json, at) => (json ? [[`t${at}`, json] as const] : []))),
    templateLinks,
  };
  const ready = cedar.preparsePolicySet("fuzz", policySet);
  if (ready.type === "failure")
    throw new Error(`seed ${seed}: the official parser refused the set`, { cause: ready.errors });
  const list: cedar.Entities = toJson(entities);
  const answers = requests.map((request) => officialAnswer(request, list));
  const unparsed = policies.length - parsed.length + parsedTemplates.filter((json) => json === undefined).length;
  return { seed, policySet, entities, requests, answers, unparsed };
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
  return answerText(
    decision,
    diagnostics.reason,
    diagnostics.errors.map(({ policyId }) => policyId),
  );
}

/** The generator makes JSON by construction; cedar-wasm's types want it said. */
function toJson<T>(json: unknown): T {
  return JSON.parse(JSON.stringify(json));
}

/** An answer as text: equal texts are equal answers. */
export function answerText(decision: string, reasons: readonly string[], errors: readonly string[]): string {
  return `${decision} because ${reasons.toSorted().join()} despite ${errors.toSorted().join()}`;
}
