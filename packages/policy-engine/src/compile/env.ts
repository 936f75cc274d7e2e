import type { EntityNode, Snapshot } from "../snapshot.ts";
import type { Fault } from "../values/fault.ts";
import type { Uid } from "../values/uid.ts";
import type { CedarRecord, Val } from "../values/value.ts";

/** What a compiled policy sees of one request. */
export interface Env {
  readonly principal: Uid;
  readonly action: Uid;
  readonly resource: Uid;
  readonly context: CedarRecord;
  readonly snapshot: Snapshot;
  readonly principalNode: EntityNode | undefined;
  readonly actionNode: EntityNode | undefined;
  readonly resourceNode: EntityNode | undefined;
}

/** A compiled expression: total, pure. */
export type Evaluate = (env: Env) => Val | Fault;

/** A compiled scope. */
export type Test = (env: Env) => boolean;

/** The entity behind a name; the request's own three are at hand. */
export function nodeOf(env: Env, uid: Uid): EntityNode | undefined {
  if (uid === env.principal) return env.principalNode;
  if (uid === env.resource) return env.resourceNode;
  if (uid === env.action) return env.actionNode;
  return env.snapshot.node(uid);
}

/** Cedar's `in` on names: itself or an ancestor; an absent entity is only in itself. */
export function isIn(env: Env, uid: Uid, ancestor: Uid): boolean {
  return uid === ancestor || nodeOf(env, uid)?.ancestors.has(ancestor) === true;
}
