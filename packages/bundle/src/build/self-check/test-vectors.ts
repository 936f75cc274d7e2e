import type { VectorRequest } from "../../self-check.ts";
import { neutralContext } from "../neutral-context.ts";
import { type PolicyTests, suitesOf } from "../policy-tests.ts";
import type { NamedSuite } from "../run-policy-tests.ts";
import { readUid, testContext } from "../test-request.ts";

type Entity = VectorRequest["entities"][number];
type Uid = VectorRequest["principal"];

/** Cases of the tests that become vectors, evenly taken where there are more. */
const TEST_VECTORS_MAX = 48;
/** Entities of one vector. */
const ENTITIES_MAX = 64;

/** Actions that every org's policies are asked about, whoever wrote them. */
const probed = ["session.open", "sql.read.select", "sql.write.update", "sql.destroy.drop", "sql.opaque", "unmask"];

/** Requests that belong to no single policy: the org's own test cases, and a stranger who tries the usual. */
export function sharedVectors(tests: PolicyTests): VectorRequest[] {
  const cases = suitesOf(tests).flatMap((suite) => suite.cases.map((each) => ({ suite, each })));
  const taken = evenly(cases, TEST_VECTORS_MAX).flatMap(({ suite, each }) => vectorOf(suite, each));
  const strangers = ["User", "Agent"].flatMap((type) =>
    probed.map((action) => probe({ type, id: "self-check" }, action)),
  );
  return [...taken, ...strangers];
}

/** At most `max` of the items, from all over the list, the same for the same list. */
export function evenly<T>(items: readonly T[], max: number): T[] {
  const step = Math.max(1, items.length / max);
  return items.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

function probe(principal: Uid, action: string): VectorRequest {
  const type =
    action === "session.open" || action === "sql.opaque" ? "Database" : action === "unmask" ? "DataClass" : "Table";
  const who = { uid: principal, attrs: { handle: "self-check", name: "self-check", email: "" }, parents: [] };
  const shape = { name: "v", kind: "table", environment: "production", schema: "public", classes: ["email"] };
  const what = { uid: { type, id: "v" }, attrs: shape, parents: [{ type: "Environment", id: "production" }] };
  return { principal, action, resource: what.uid, context: { ...neutralContext(action) }, entities: [who, what] };
}

function vectorOf(suite: NamedSuite, each: NamedSuite["cases"][number]): VectorRequest[] {
  const principal = plainUid(each.principal);
  const resource = plainUid(each.resource);
  const person = each.onBehalfOf === undefined ? undefined : plainUid(each.onBehalfOf);
  if (principal === undefined || resource === undefined) return [];
  const context = testContext(each);
  const entities = neededOf(suite.entities, [principal, resource, ...(person ? [person] : []), ...refsIn(context)]);
  const onBehalfOf = person === undefined ? {} : { onBehalfOf: person };
  return [{ principal, ...onBehalfOf, action: each.action, resource, context, entities }];
}

function plainUid(text: string): Uid | undefined {
  const uid = readUid(text);
  return uid && { type: uid.type, id: uid.id };
}

/** What a request can reach: the named entities, what they are in, and what their attributes name. */
function neededOf(all: NamedSuite["entities"], named: readonly Uid[]): Entity[] {
  const key = ({ type, id }: Uid) => `${type}::${id}`;
  const known = new Map(all.map((entity) => [key(entity.uid), entity]));
  const chosen = new Map<string, Entity>();
  const waiting = [...named];
  for (let next = waiting.shift(); next !== undefined && chosen.size < ENTITIES_MAX; next = waiting.shift()) {
    const entity = known.get(key(next));
    if (entity === undefined || chosen.has(key(next))) continue;
    const { uid, attrs, tags, parents } = entity;
    chosen.set(key(next), { uid, attrs, parents, ...(Object.keys(tags).length > 0 ? { tags } : {}) });
    waiting.push(...parents, ...refsIn(attrs));
  }
  return [...chosen.values()];
}

function refsIn(json: unknown): Uid[] {
  if (typeof json !== "object" || json === null) return [];
  if ("__entity" in json) {
    const { __entity: uid } = json;
    if (typeof uid !== "object" || uid === null || !("type" in uid) || !("id" in uid)) return [];
    return typeof uid.type === "string" && typeof uid.id === "string" ? [{ type: uid.type, id: uid.id }] : [];
  }
  return Object.values(json).flatMap(refsIn);
}
