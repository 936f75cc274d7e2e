import type { OutputLineage, SourceColumn } from "../facts.ts";

/** Where a value comes from, while a statement is analysed. Immutable. */
export interface Origin {
  readonly sources: ReadonlyMap<string, SourceColumn>;
  /** the value is the column itself */
  readonly exact: boolean;
  readonly unknown: boolean;
}

/** A constant: nothing stored flows into it. */
export const NOTHING: Origin = { sources: new Map(), exact: false, unknown: false };
/** Anything could flow into it. */
export const UNKNOWN: Origin = { sources: new Map(), exact: false, unknown: true };

/** The column itself, with the other names (parents, the view over it) under which it may be classified. */
export function columnOrigin(...names: SourceColumn[]): Origin {
  return { sources: new Map(names.map((name) => [sourceKey(name), name])), exact: true, unknown: false };
}

/** A value computed from others. */
export function computed(...parts: readonly Origin[]): Origin {
  let sources: Map<string, SourceColumn> | undefined;
  let unknown = false;
  let first: ReadonlyMap<string, SourceColumn> | undefined;
  for (const part of parts) {
    unknown ||= part.unknown;
    if (part.sources.size === 0) continue;
    if (!first) {
      first = part.sources;
      continue;
    }
    if (!sources) sources = new Map(first);
    for (const [key, source] of part.sources) sources.set(key, source);
  }
  const merged = sources ?? first;
  if (!merged) return unknown ? UNKNOWN : NOTHING;
  return { sources: merged, exact: false, unknown };
}

/** The same value under one more name. */
export function alsoNamed(origin: Origin, name: SourceColumn): Origin {
  const sources = new Map(origin.sources);
  sources.set(sourceKey(name), name);
  return { ...origin, sources };
}

/** The form that facts carry. */
export function toLineage(origin: Origin): OutputLineage {
  return { sources: [...origin.sources.values()], exact: origin.exact, unknown: origin.unknown };
}

function sourceKey(name: SourceColumn): string {
  return `${name.schema}\0${name.table}\0${name.column}`;
}
