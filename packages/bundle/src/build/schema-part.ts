import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { schemaText } from "@sluice/policy-engine";

/** The whole schema, by its part's name. */
const WHOLE = "";
/** Protocols that a policy may name and still be validated against these alone. */
const PROTOCOLS_MAX = 2;
const ACTION = /\bAction::"((?:[^"\\]|\\[\s\S])*)"/g;

/**
 * The part of the schema that a policy is about. The validator looks at every pair of action and resource type there is; a
 * policy whose head names actions of one or two protocols can match no other, and is validated several times as fast
 * without them. A policy that names an action of a third protocol anywhere gets the whole schema.
 */
export function partFor(text: string, json: cedar.PolicyJson): string {
  if (json.action.op === "All") return WHOLE;
  const protocols = new Set([...text.matchAll(ACTION)].map(([, id = ""]) => protocolOf(id)));
  const known = protocolsKnown();
  if (protocols.size > PROTOCOLS_MAX || [...protocols].some((name) => !known.has(name))) return WHOLE;
  return [...protocols].toSorted().join(" ");
}

const parts = new Map<string, cedar.SchemaJson<string>>();

/** The schema with the actions of these protocols and the groups, in its JSON form, which the validator reads faster than text. */
export function schemaPart(part: string): cedar.SchemaJson<string> {
  const known = parts.get(part);
  if (known !== undefined) return known;
  const whole = wholeSchema();
  const wanted = new Set(part.split(" "));
  const kept = ([id]: readonly [string, unknown]) => isGroup(id) || wanted.has(protocolOf(id));
  const namespaces = Object.entries(whole).map(([name, namespace]) => {
    const actions = Object.fromEntries(Object.entries(namespace.actions).filter(kept));
    return [name, { ...namespace, actions }] as const;
  });
  const made = part === WHOLE ? whole : Object.fromEntries(namespaces);
  parts.set(part, made);
  return made;
}

let parsed: cedar.SchemaJson<string> | undefined;

/** The shipped schema in its JSON form. */
export function wholeSchema(): cedar.SchemaJson<string> {
  if (parsed !== undefined) return parsed;
  const answer = cedar.schemaToJson(schemaText);
  if (answer.type === "failure") throw new Error("the shipped schema does not parse", { cause: answer.errors });
  parsed = answer.json;
  return parsed;
}

function protocolsKnown(): ReadonlySet<string> {
  const ids = Object.values(wholeSchema()).flatMap(({ actions }) => Object.keys(actions));
  return new Set(ids.filter((id) => !isGroup(id)).map(protocolOf));
}

/** `sql` of `sql.read.select`. */
function protocolOf(id: string): string {
  return id.split(".")[0] ?? "";
}

/** Groups over all protocols have no dot; `unmask` alone has none and is no group. */
function isGroup(id: string): boolean {
  return !id.includes(".") && id !== "unmask";
}
