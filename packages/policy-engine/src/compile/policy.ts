import { type Annotations, noAnnotations, readAnnotations, type SetName } from "../annotations.ts";
import { isObject } from "../values/from-json.ts";
import { BadEst, refuse } from "./bad-est.ts";
import { compileExpr } from "./compile-expr.ts";
import type { Evaluate } from "./env.ts";
import type { Expr } from "./expr.ts";
import { readExpr, readUid, type Slots } from "./read-expr.ts";
import { type Constraint, readActionConstraint, readConstraint } from "./scope.ts";

/** What a policy that is satisfied adds to a decision. */
type Part = "permit" | "forbid" | "obligation";

/** A policy ready to be asked. */
export interface CompiledPolicy {
  // what a decision looks at first, side by side in memory
  readonly part: Part;
  /** it asks for an approval */
  readonly asks: boolean;
  /** its place among all policies of the bundle */
  readonly order: number;
  readonly id: string;
  readonly set: SetName;
  readonly effect: "permit" | "forbid";
  readonly annotations: Annotations;
  readonly scope: { readonly principal: Constraint; readonly action: Constraint; readonly resource: Constraint };
  /** what the index cannot tell: the types that narrow an `in`, then its when and negated unless clauses */
  readonly condition: Expr | undefined;
  /** whether it is satisfied, given that it was found by its scope; anything but a boolean is an error */
  readonly holds: Evaluate;
}

/** How annotations are treated: by Sluice's registry, or not at all (plain Cedar). */
export type AnnotationMode = "registry" | "ignore";

/** How many when and unless clauses one policy may have: they nest when they are asked. */
const CLAUSES_MAX = 500;

const noSlots: Slots = new Map();

/** Compiles every policy and template link of an EST policy set, in order; `first` is the place of the first. */
export function compileSet(json: unknown, set: SetName, mode: AnnotationMode, first = 0): CompiledPolicy[] {
  if (!isObject(json)) return refuse(`the ${set} are not a policy set`);
  const policies: CompiledPolicy[] = [];
  const order = () => first + policies.length;
  for (const [id, policy] of Object.entries(objectAt(json, "staticPolicies"))) {
    policies.push(compilePolicy({ id, set, mode, json: policy, slots: noSlots, order: order() }));
  }
  const templates = objectAt(json, "templates");
  const links: unknown = json["templateLinks"] ?? [];
  if (!Array.isArray(links)) return refuse("templateLinks is not an array");
  for (const link of links) policies.push(compileLink(link, templates, { set, mode, order: order() }));
  return policies;
}

function objectAt(json: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const found = json[name] ?? {};
  return isObject(found) ? found : refuse(`${name} is not an object`);
}

function compileLink(
  link: unknown,
  templates: Readonly<Record<string, unknown>>,
  place: Pick<PolicySource, "set" | "mode" | "order">,
): CompiledPolicy {
  if (!isObject(link) || typeof link["newId"] !== "string" || typeof link["templateId"] !== "string") {
    return refuse("a template link needs templateId and newId");
  }
  if (!Object.hasOwn(templates, link["templateId"])) return refuse(`there is no template ${link["templateId"]}`);
  const slots = new Map(Object.entries(objectAt(link, "values")).map(([slot, uid]) => [slot, readUid(uid)] as const));
  const linked = compilePolicy({ ...place, id: link["newId"], json: templates[link["templateId"]], slots });
  // every link carries its template's @id, so the link's own id is the one that tells them apart
  return { ...linked, id: link["newId"] };
}

interface PolicySource {
  readonly id: string;
  readonly set: SetName;
  readonly mode: AnnotationMode;
  readonly json: unknown;
  readonly slots: Slots;
  readonly order: number;
}

function compilePolicy({ id, set, mode, json, slots, order }: PolicySource): CompiledPolicy {
  if (!isObject(json)) return refuse(`policy ${id} is not an object`);
  const { effect } = json;
  if (effect !== "permit" && effect !== "forbid") return refuse(`policy ${id} has no effect`);
  const annotations = mode === "ignore" ? noAnnotations : registered(id, set, effect, objectAt(json, "annotations"));
  const scope = {
    principal: readConstraint(json["principal"], slots),
    action: readActionConstraint(json["action"], slots),
    resource: readConstraint(json["resource"], slots),
  };
  const condition = withTypes(scope, readConditions(json["conditions"], slots));
  return {
    part: set === "obligations" ? "obligation" : effect,
    asks: annotations.requireApproval.length > 0,
    order,
    id: annotations.id ?? id,
    set,
    effect,
    annotations,
    scope,
    condition,
    holds: condition === undefined ? () => true : compileExpr(condition),
  };
}

function registered(id: string, set: SetName, effect: "permit" | "forbid", raw: Readonly<Record<string, unknown>>) {
  const { annotations, problems } = readAnnotations(raw, set, effect);
  const [problem] = problems;
  if (problem !== undefined) {
    const code = problem.kind === "unknown" ? "policy.unknown_annotation" : "policy.bad_annotation";
    throw new BadEst(code, `policy ${id}: ${problem.message}`);
  }
  return annotations;
}

function readConditions(json: unknown, slots: Slots): Expr | undefined {
  const clauses: unknown = json ?? [];
  if (!Array.isArray(clauses)) return refuse("conditions is not an array");
  if (clauses.length > CLAUSES_MAX) return refuse(`a policy has more than ${CLAUSES_MAX} conditions`);
  let all: Expr | undefined;
  for (const clause of clauses) {
    if (!isObject(clause)) return refuse("a condition is an object");
    const body = readExpr(clause["body"], slots);
    if (clause["kind"] !== "when" && clause["kind"] !== "unless") return refuse("a condition is a when or an unless");
    const condition: Expr = clause["kind"] === "when" ? body : { op: "not", arg: body };
    all = all === undefined ? condition : { op: "and", left: all, right: condition };
  }
  return all;
}

/** The index finds `is T in x` by x alone, so the type becomes part of the condition. */
function withTypes({ principal, resource }: CompiledPolicy["scope"], condition: Expr | undefined): Expr | undefined {
  const tests: Expr[] = [];
  for (const [name, constraint] of [
    ["principal", principal],
    ["resource", resource],
  ] as const) {
    if (constraint.kind !== "typed" || constraint.within === undefined) continue;
    tests.push({ op: "is", left: { op: "variable", name }, type: constraint.type });
  }
  return [...tests, ...(condition === undefined ? [] : [condition])].reduce<Expr | undefined>(
    (all, next) => (all === undefined ? next : { op: "and", left: all, right: next }),
    undefined,
  );
}
