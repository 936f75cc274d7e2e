import type { EntitySnapshot, EntityUid } from "./contract.ts";
import { asUid, type EntityNode, Snapshot } from "./snapshot.ts";
import { Datetime } from "./values/datetime.ts";
import { Uid } from "./values/uid.ts";
import { CedarSet, type Val } from "./values/value.ts";

/** A grant of just-in-time access as its entity says it. Times are milliseconds since 1970 UTC. */
export interface Grant {
  readonly uid: EntityUid;
  /** the one resource that it is for, with everything below it */
  readonly root: EntityUid;
  /** ids of actions or of their groups */
  readonly actions: ReadonlySet<string>;
  readonly startsAtMs: number;
  /** the first moment at which it no longer holds */
  readonly endsAtMs: number;
}

/** What a grant would have to cover. */
export interface GrantQuestion {
  readonly action: EntityUid;
  /** what is acted on; for `unmask` what holds the value */
  readonly resource: EntityUid;
  readonly entities: EntitySnapshot;
  /** the answer is used from the first of these times until before the second: the grant must hold all the while */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The attributes of which a grant has exactly one: the roots of the protocols. */
const roots = [
  "resource",
  "documentStore",
  "keyStore",
  "api",
  "host",
  "cluster",
  "mcpServer",
  "modelProvider",
] as const;

const none: readonly Grant[] = [];
const byPerson = new WeakMap<EntitySnapshot, ReadonlyMap<Uid, readonly Grant[]>>();

/**
 * A person's grants in a snapshot, whether they hold now or not; found once per snapshot. What is no well-formed grant (no
 * person, several roots, times that are none) is none: it gives nothing.
 */
export function grantsOf(entities: EntitySnapshot, person: EntityUid): readonly Grant[] {
  let known = byPerson.get(entities);
  if (known === undefined) byPerson.set(entities, (known = readGrants(entities)));
  return known.get(asUid(person)) ?? none;
}

/** The grant that covers a question: of several the one that ends last, so that the answer does not depend on their order. */
export function coveringGrant(grants: readonly Grant[], question: GrantQuestion): Grant | undefined {
  let best: Grant | undefined;
  for (const grant of grants) {
    if (covers(grant, question) && (best === undefined || isBetter(grant, best))) best = grant;
  }
  return best;
}

function isBetter(grant: Grant, best: Grant): boolean {
  return grant.endsAtMs === best.endsAtMs ? grant.uid.id < best.uid.id : grant.endsAtMs > best.endsAtMs;
}

function covers({ actions, endsAtMs, root, startsAtMs }: Grant, question: GrantQuestion): boolean {
  const { action, entities, fromMs, resource, untilMs } = question;
  if (startsAtMs > fromMs || endsAtMs < untilMs) return false;
  return (
    namesOf(entities, action).some((uid) => uid.type === action.type && actions.has(uid.id)) &&
    namesOf(entities, resource).includes(asUid(root))
  );
}

/** An entity and what it is in. */
function namesOf(entities: EntitySnapshot, uid: EntityUid): readonly Uid[] {
  const self = asUid(uid);
  const node = entities instanceof Snapshot ? entities.node(self) : undefined;
  return node === undefined ? [self] : [self, ...node.ancestors];
}

function readGrants(entities: EntitySnapshot): ReadonlyMap<Uid, readonly Grant[]> {
  const found = new Map<Uid, Grant[]>();
  if (!(entities instanceof Snapshot)) return found;
  for (const node of entities.nodes()) {
    if (node.uid.type !== "Grant") continue;
    const person = node.attrs.fields.get("principal");
    const grant = readGrant(node);
    if (!(person instanceof Uid) || grant === undefined) continue;
    const theirs = found.get(person);
    if (theirs === undefined) found.set(person, [grant]);
    else theirs.push(grant);
  }
  return found;
}

function readGrant({ attrs: { fields }, uid }: EntityNode): Grant | undefined {
  const actions = fields.get("actions");
  const startsAtMs = millisecondsOf(fields.get("startsAt"));
  const endsAtMs = millisecondsOf(fields.get("endsAt"));
  const [root, ...more] = roots.flatMap((name) => fields.get(name) ?? []);
  if (!(actions instanceof CedarSet) || startsAtMs === undefined || endsAtMs === undefined) return undefined;
  if (!(root instanceof Uid) || more.length > 0) return undefined;
  const named = new Set(actions.items.filter((item) => typeof item === "string"));
  return { uid, root, actions: named, startsAtMs, endsAtMs };
}

/** Undefined as well for times beyond what a grant can mean: 2^53 milliseconds. */
function millisecondsOf(value: Val | undefined): number | undefined {
  return value instanceof Datetime && typeof value.ms === "number" ? value.ms : undefined;
}
