/** Stands in the index for "this very entity", where the name itself stands for "in this entity". */
export class SelfKey {
  readonly uid: Uid;
  constructor(uid: Uid) {
    this.uid = uid;
  }
}

/** The name of an entity. Equal names are the same object, so names compare by identity. */
export class Uid {
  readonly type: string;
  readonly id: string;
  readonly self: SelfKey = new SelfKey(this);
  /** @internal Use `internUid`. */
  constructor(type: string, id: string) {
    this.type = type;
    this.id = id;
  }
  /** As Cedar writes it: `User::"ana"`. */
  get text(): string {
    return `${this.type}::${JSON.stringify(this.id)}`;
  }
  toString(): string {
    return this.text;
  }
}

// Names come from statements too (tables, functions), so the table must not keep them alive: it holds weak references
// and forgets names that nobody uses. A name in use is always found here, which makes identity safe.
const byType = new Map<string, Map<string, WeakRef<Uid>>>();
const forgotten = new FinalizationRegistry<{ type: string; id: string }>(({ type, id }) => {
  const ids = byType.get(type);
  if (ids?.get(id)?.deref() === undefined) ids?.delete(id);
  if (ids?.size === 0) byType.delete(type);
});

/** The one object for this name. */
export function internUid(type: string, id: string): Uid {
  let ids = byType.get(type);
  if (ids === undefined) {
    ids = new Map();
    byType.set(type, ids);
  }
  const known = ids.get(id)?.deref();
  if (known !== undefined) return known;
  const uid = new Uid(type, id);
  ids.set(id, new WeakRef(uid));
  forgotten.register(uid, { type, id });
  return uid;
}

/** How many names are remembered, those included that nobody uses and that are not swept up yet. */
export function internedNames(): number {
  let count = 0;
  for (const ids of byType.values()) count += ids.size;
  return count;
}
