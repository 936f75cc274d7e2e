import type { CatalogueFunction, CatalogueRelation, WriteEvent } from "../facts.ts";
import { callByKey } from "./calls.ts";
import { childrenOfRelation } from "./children.ts";
import { columnOrigin, computed, NOTHING, type Origin } from "./origin.ts";
import { applyEffect, openProcedure } from "./procedures.ts";
import { childScope, type Run, tableObject } from "./run.ts";

/** Triggers of the server itself that only change the row they are given. */
const HARMLESS_TRIGGERS = new Set([
  "pg_catalog.tsvector_update_trigger",
  "pg_catalog.tsvector_update_trigger_column",
  "pg_catalog.suppress_redundant_updates_trigger",
  "pg_catalog.unique_key_recheck",
]);

/** Foreign keys that follow foreign keys are followed this far; a cycle ends where it meets itself. */
const CASCADES_MAX = 200;

/**
 * What a write to a relation sets off: its triggers and those of its partitions, functions in defaults, checks and
 * indexes, and what foreign keys change elsewhere. `columns` are those written, where they are known.
 */
export function followWrite(
  relation: CatalogueRelation,
  event: WriteEvent,
  columns: readonly string[] | undefined,
  run: Run,
): void {
  const pending: Written[] = [{ relation, event, columns }];
  const seen = new Set<string>();
  for (let at = pending.pop(); at; at = pending.pop()) {
    const key = `${at.relation.oid}/${at.event}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (seen.size > CASCADES_MAX) return run.collector.giveUp("foreign keys lead to too many tables");
    for (const each of [at.relation, ...childrenOfRelation(run.catalogue, at.relation)])
      oneRelation(each, at.event, run);
    pending.push(...cascadesOf(at, run));
  }
}

interface Written {
  readonly relation: CatalogueRelation;
  readonly event: WriteEvent;
  readonly columns: readonly string[] | undefined;
}

function oneRelation(relation: CatalogueRelation, event: WriteEvent, run: Run): void {
  if (run.catalogue.unsure?.altered.has(`${relation.schema}.${relation.name}`))
    run.collector.giveUp(`an earlier statement changed ${relation.schema}.${relation.name}`);
  const scope = childScope(undefined);
  if (event !== "truncate" && event !== "delete")
    for (const key of relation.writeFunctions ?? []) storeDefault(relation, callByKey(key, scope, run), run);
  for (const trigger of relation.triggers ?? []) {
    if (!trigger.events.includes(event)) continue;
    run.collector.functions.add(trigger.calls);
    if (HARMLESS_TRIGGERS.has(trigger.calls)) continue;
    const candidates = run.catalogue.functionsByName.get(trigger.calls) ?? [];
    if (candidates.length === 0) run.collector.giveUp(`trigger function ${trigger.calls} is not in the catalogue`);
    for (const called of candidates) fire(called, relation, trigger.before, run);
  }
}

/** A default stores what its function reads; which column it is for is not told. */
function storeDefault(relation: CatalogueRelation, origin: Origin, run: Run): void {
  if (origin.sources.size > 0)
    run.collector.persist({ schema: relation.schema, table: relation.name, column: "*" }, origin);
}

/** A trigger has the row at hand: what it stores elsewhere may be that, and what it gives back is stored in the row. */
function fire(called: CatalogueFunction, relation: CatalogueRelation, before: boolean, run: Run): void {
  const effect = called.language === "plpgsql" ? openProcedure(called, run) : undefined;
  if (!effect) {
    run.collector.need("sql.exec.call", { kind: "function", schema: called.schema, name: called.name });
    run.collector.doubt(`what trigger function ${called.schema}.${called.name} does is not known`);
    return;
  }
  applyEffect(effect, rowOf(relation), run);
  if (!before) return;
  run.collector.persist({ schema: relation.schema, table: relation.name, column: "*" }, effect.carries);
}

function rowOf(relation: CatalogueRelation): Origin {
  const { name: table, schema } = relation;
  return computed(NOTHING, ...relation.columns.map(({ name }) => columnOrigin({ schema, table, column: name })));
}

/** Rows of other tables that go or change because rows that they refer to do. */
function cascadesOf({ relation, event, columns }: Written, run: Run): Written[] {
  return (relation.cascades ?? []).flatMap((cascade): Written[] => {
    if (cascade.event !== event) return [];
    const touched =
      columns === undefined || columns.includes("*") || cascade.columns.some((name) => columns.includes(name));
    if (event === "update" && !touched) return [];
    const referring = run.catalogue.relationByName.get(cascade.table);
    if (!referring) {
      run.collector.giveUp(
        `${cascade.table}, which follows ${relation.schema}.${relation.name}, is not in the catalogue`,
      );
      return [];
    }
    run.collector.need(`sql.write.${cascade.does}`, tableObject(referring));
    return [{ relation: referring, event: cascade.does, columns: undefined }];
  });
}
