import type { Catalogue, CatalogueRelation } from "../facts.ts";
import { Collector } from "./collector.ts";
import { checkCoverage } from "./coverage.ts";
import { resolvedRun } from "./rights.ts";
import type { Opened, Run } from "./run.ts";

/** Opened views of one catalogue: a definition means the same for every statement until the catalogue changes. */
const openedViews = new WeakMap<Catalogue, Map<number, Opened>>();

/**
 * Opens a view's definition: what it reads and calls, and what each column is made of. Undefined when it cannot be
 * opened. The definition's names were resolved when it was made, so the session's search path and temporary objects do
 * not count: the catalogue gives it with every name qualified.
 */
export function openView(relation: CatalogueRelation, run: Run): Opened | undefined {
  const known = openedViews.get(run.catalogue)?.get(relation.oid);
  if (known) return known;
  const key = `${relation.schema}.${relation.name}`;
  if (run.catalogue.unsure?.altered.has(key)) return undefined;
  if (relation.definition === undefined || run.opening.includes(key)) return undefined;
  const parsed = run.parser.parse(relation.definition);
  const [statement, ...others] = parsed.ok ? parsed.statements : [];
  if (!statement || others.length > 0 || !("SelectStmt" in statement.node)) return undefined;
  const collector = new Collector();
  const inner: Run = { ...resolvedRun(run), collector, opening: [...run.opening, key] };
  const shape = inner.query(statement.node.SelectStmt, undefined, inner);
  checkCoverage(statement.node, inner);
  const opened: Opened = { collector, shape };
  // A function inside resolves names under the session's own path, so what it does may differ next time.
  if (collector.functions.size > 0) return opened;
  let views = openedViews.get(run.catalogue);
  if (!views) {
    views = new Map();
    openedViews.set(run.catalogue, views);
  }
  views.set(relation.oid, opened);
  return opened;
}
