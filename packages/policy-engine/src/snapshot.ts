import { sluiceActions } from "./actions.ts";
import type { EntityInput, EntitySnapshot, EntityUid, Fields } from "./contract.ts";
import { value } from "./values/construct.ts";
import { internUid, type SelfKey, Uid } from "./values/uid.ts";
import { CedarRecord } from "./values/value.ts";

/** What the index is asked with: this entity, in this entity, a type name, or `anyKey` for policies without that scope. */
export type IndexKey = SelfKey | Uid | string;

/** The index key of policies that do not constrain this part of the scope. No entity type has this name. */
export const anyKey = "*";

/** One entity, ready to decide on. Shared between snapshots while nothing about it changes. */
export interface EntityNode {
  readonly uid: Uid;
  readonly attrs: CedarRecord;
  readonly tags: CedarRecord;
  readonly parents: readonly Uid[];
  /** without the entity itself */
  readonly ancestors: ReadonlySet<Uid>;
  /** every index key under which a policy's scope fits it */
  readonly keys: readonly IndexKey[];
}

/** Overlays up to this many entities stay a layer of their own; beyond, the snapshot is flattened. */
const LAYER_ENTITIES_MAX = 256;

const noEntities: ReadonlySet<Uid> = new Set();
const emptyRecord = new CedarRecord(new Map());

interface Ancestral {
  readonly base: ReadonlySet<Uid>;
  readonly layer: ReadonlySet<Uid>;
}

/** The engine's own snapshot. */
export class Snapshot implements EntitySnapshot {
  readonly #base: ReadonlyMap<Uid, EntityNode>;
  /** changes over the base; undefined stands for a removed entity */
  readonly #layer: ReadonlyMap<Uid, EntityNode | undefined>;
  /** names that some entity has among its ancestors: changing those changes others too */
  readonly #ancestral: Ancestral;
  readonly size: number;

  constructor(
    base: ReadonlyMap<Uid, EntityNode>,
    layer: ReadonlyMap<Uid, EntityNode | undefined>,
    ancestral: Ancestral,
  ) {
    this.#base = base;
    this.#layer = layer;
    this.#ancestral = ancestral;
    let size = base.size;
    for (const [uid, node] of layer) size += (node === undefined ? 0 : 1) - (base.has(uid) ? 1 : 0);
    this.size = size;
  }

  /** The entity, or undefined when the snapshot does not hold it. */
  node(uid: Uid): EntityNode | undefined {
    if (this.#layer.size > 0) {
      const changed = this.#layer.get(uid);
      if (changed !== undefined || this.#layer.has(uid)) return changed;
    }
    return this.#base.get(uid);
  }

  has(uid: EntityUid): boolean {
    return this.node(asUid(uid)) !== undefined;
  }

  /** Every entity, in no particular order. */
  *nodes(): Generator<EntityNode> {
    for (const node of this.#base.values()) if (!this.#layer.has(node.uid)) yield node;
    for (const node of this.#layer.values()) if (node !== undefined) yield node;
  }

  with(upserts: Iterable<EntityInput>, removals: Iterable<EntityUid> = []): EntitySnapshot {
    const inputs = new Map<Uid, EntityInput>();
    for (const input of upserts) inputs.set(asUid(input.uid), input);
    const removed = [...removals].map(asUid);
    if (this.#changesAncestors(inputs, removed) || this.#layer.size + inputs.size > LAYER_ENTITIES_MAX) {
      return this.#rebuilt(inputs, removed);
    }
    const layer = new Map(this.#layer);
    for (const uid of removed) layer.set(uid, undefined);
    const ancestral = new Set(this.#ancestral.layer);
    const lookUp = (uid: Uid) => inputs.get(uid) ?? (layer.has(uid) ? layer.get(uid) : this.#base.get(uid));
    for (const input of inputs.values()) {
      const node = makeNode(input, lookUp);
      layer.set(node.uid, node);
      for (const uid of node.ancestors) ancestral.add(uid);
    }
    return new Snapshot(this.#base, layer, { base: this.#ancestral.base, layer: ancestral });
  }

  #changesAncestors(inputs: ReadonlyMap<Uid, EntityInput>, removed: readonly Uid[]): boolean {
    const { base, layer } = this.#ancestral;
    if (removed.some((uid) => base.has(uid) || layer.has(uid))) return true;
    for (const [uid, input] of inputs) {
      if ((base.has(uid) || layer.has(uid)) && !this.#keepsParents(uid, input)) return true;
    }
    return false;
  }

  #keepsParents(uid: Uid, input: EntityInput): boolean {
    const now = this.node(uid);
    if (now === undefined) return input.parents.length === 0;
    return (
      now.parents.length === input.parents.length &&
      input.parents.every((parent) => now.parents.includes(asUid(parent)))
    );
  }

  #rebuilt(inputs: ReadonlyMap<Uid, EntityInput>, removed: readonly Uid[]): Snapshot {
    const all = new Map<Uid, EntityNode | EntityInput>();
    for (const node of this.nodes()) all.set(node.uid, node);
    for (const uid of removed) all.delete(uid);
    for (const [uid, input] of inputs) all.set(uid, input);
    return buildSnapshot(all);
  }
}

/**
 * Makes an immutable snapshot. Later entities replace earlier ones of the same name. Sluice's own actions are in it unless
 * `actions` says otherwise, so that `action in Action::"read"` holds without anybody shipping them.
 */
export function createSnapshot(
  entities: Iterable<EntityInput>,
  options: { readonly actions?: Iterable<EntityInput> } = {},
): EntitySnapshot {
  const all = new Map<Uid, EntityInput>();
  for (const entity of options.actions ?? sluiceActions()) all.set(asUid(entity.uid), entity);
  for (const entity of entities) all.set(asUid(entity.uid), entity);
  return buildSnapshot(all);
}

/** The name as the engine's own object. */
export function asUid(uid: EntityUid): Uid {
  return uid instanceof Uid ? uid : internUid(uid.type, uid.id);
}

function buildSnapshot(all: ReadonlyMap<Uid, EntityNode | EntityInput>): Snapshot {
  const base = new Map<Uid, EntityNode>();
  const ancestral = new Set<Uid>();
  for (const input of all.values()) {
    const node = makeNode(input, (uid) => all.get(uid));
    base.set(node.uid, node);
    for (const uid of node.ancestors) ancestral.add(uid);
  }
  return new Snapshot(base, new Map(), { base: ancestral, layer: noEntities });
}

function makeNode(
  input: EntityInput | EntityNode,
  lookUp: (uid: Uid) => { readonly parents: readonly EntityUid[] } | undefined,
): EntityNode {
  const uid = asUid(input.uid);
  const parents = input.parents.map(asUid);
  const ancestors = parents.length === 0 ? noEntities : ancestorsOf(parents, lookUp);
  return {
    uid,
    attrs: asRecord(input.attrs),
    tags: asRecord(input.tags),
    parents,
    ancestors,
    keys: [uid.self, uid, ...ancestors, uid.type, anyKey],
  };
}

const keysOfAbsent = new WeakMap<Uid, readonly IndexKey[]>();

/** The index keys that fit an entity of which nothing is known but its name: the same object each time. */
export function keysWithoutAncestors(uid: Uid): readonly IndexKey[] {
  let keys = keysOfAbsent.get(uid);
  if (keys === undefined) keysOfAbsent.set(uid, (keys = [uid.self, uid, uid.type, anyKey]));
  return keys;
}

function ancestorsOf(
  parents: readonly Uid[],
  lookUp: (uid: Uid) => { readonly parents: readonly EntityUid[] } | undefined,
): ReadonlySet<Uid> {
  // A set's iteration reaches what is added meanwhile, so this walks breadth first and ends on cycles.
  const ancestors = new Set<Uid>(parents);
  for (const uid of ancestors) for (const parent of lookUp(uid)?.parents ?? []) ancestors.add(asUid(parent));
  return ancestors;
}

function asRecord(fields: Fields | CedarRecord | undefined): CedarRecord {
  if (fields === undefined) return emptyRecord;
  if (fields instanceof CedarRecord) return fields;
  return value.record(fields instanceof Map ? fields : Object.entries(fields));
}
