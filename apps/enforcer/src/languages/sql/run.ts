import type { IntoClause, Node, SelectStmt } from "libpg-query";
import type { Catalogue, CatalogueRelation, FactObject, SqlSessionSettings } from "../facts.ts";
import { type Collector, DATABASE, type Use } from "./collector.ts";
import { systemColumnEffect } from "./leaky.ts";
import type { SearchPath } from "./names.ts";
import type { Origin } from "./origin.ts";
import type { Parser } from "./parser.ts";

/** One column that a FROM item or a query offers. */
export interface ScopeColumn {
  readonly name: string;
  readonly origin: Origin;
  /** the stored column's own name, where an alias renamed it */
  readonly stored?: string;
}

/** One item of a FROM clause. */
export interface ScopeItem {
  /** the name under which columns are qualified; empty for an unnamed join or subquery */
  readonly alias: string;
  /** the real relation, where it can be qualified by schema (no alias given) */
  readonly schema?: string | undefined;
  readonly columns: readonly ScopeColumn[];
  /** it has columns that are not listed */
  readonly open: boolean;
  /** the relation to note column use on */
  readonly table?: FactObject;
  /** the action under which column use is noted besides `sql.read.select` */
  readonly action?: string | undefined;
}

/** The names visible at one place. */
export interface Scope {
  items: ScopeItem[];
  /** columns merged by USING or NATURAL, which win unqualified lookups */
  readonly merged: ScopeColumn[];
  /** what `*` gives, in order: of a join first the merged columns, then the left side's, then the right side's */
  readonly star: ScopeColumn[];
  readonly parent: Scope | undefined;
  readonly ctes: Map<string, QueryShape>;
  /** the one value that the column `name` of this query's only relation has */
  pinned?: string | undefined;
  /** arguments of the SQL function whose body this is */
  readonly args?:
    | {
        readonly names: readonly string[];
        readonly origins: readonly Origin[];
        /** a name that is a column as well could mean either */
        readonly hideColumns?: boolean;
      }
    | undefined;
}

/** What a query gives: its columns, or "open" when they cannot be told. */
export interface QueryShape {
  readonly columns: readonly ScopeColumn[];
  readonly open: boolean;
  /** a function whose one column may turn out to be a row in FROM */
  readonly anyResult?: boolean;
  /** a function's columns that have names of their own */
  readonly declared?: boolean;
  /** what chose the rows, so that EXISTS and counts can carry it */
  readonly filters: Origin;
  /** of a WITH query, as it is written: what it begins with where it is recursive */
  readonly written?: SelectStmt;
}

/** A view's or function's opened definition. */
export interface Opened {
  readonly collector: Collector;
  readonly shape: QueryShape;
}

/** Everything the analysis of one statement shares. The functions break what would be import cycles. */
export interface Run {
  readonly catalogue: Catalogue;
  readonly settings: SqlSessionSettings;
  readonly path: SearchPath;
  /** where names here are resolved already: what bodies of functions called from here resolve theirs under */
  readonly live?: { readonly path: SearchPath; readonly settings: SqlSessionSettings } | undefined;
  readonly parser: Parser;
  readonly collector: Collector;
  /** what is left of the analysis' work, shared by all its parts */
  readonly budget: { left: number };
  /** how deep views, functions and subqueries are nested */
  readonly depth: number;
  /** what is being opened, against recursion */
  readonly opening: readonly string[];
  query(select: SelectStmt, parent: Scope | undefined, run: Run): QueryShape;
  statement(node: Node, parent: Scope | undefined, run: Run): QueryShape;
  /** SELECT … INTO: makes a table of a query's result */
  into(into: IntoClause, shape: QueryShape, run: Run): void;
  operator(name: string, scope: Scope, run: Run): void;
  type(name: string, scope: Scope, run: Run): void;
  view(relation: CatalogueRelation, run: Run): Opened | undefined;
}

/** Deeper nesting of views, functions and subqueries than this is not followed. */
export const DEPTH_MAX = 200;

/** One analysis looks at no more parts than this, repeated ones counted again: under a second of work. */
export const WORK_MAX = 150_000;

/** The analysis took too much work: the text is not understood. */
export class WorkExceeded extends Error {
  override readonly name = "WorkExceeded";
}

/** Pays for looking at one part. Without it, recursion inside recursion would take exponential time. */
export function spend(run: Run): void {
  run.budget.left -= 1;
  if (run.budget.left < 0) throw new WorkExceeded("too much work");
}

/** A scope inside another. */
export function childScope(parent: Scope | undefined, args?: Scope["args"]): Scope {
  return { items: [], merged: [], star: [], parent, ctes: new Map(), args: args ?? parent?.args };
}

/** Adds a FROM item to a scope. */
export function addItem(scope: Scope, item: ScopeItem): void {
  scope.items.push(item);
  scope.star.push(...item.columns);
}

/** Finds a WITH query by name, innermost first. */
export function findCte(scope: Scope | undefined, name: string): QueryShape | undefined {
  for (let at = scope; at; at = at.parent) {
    const found = at.ctes.get(name);
    if (found) return found;
  }
  return undefined;
}

/** Notes the use of one column of a FROM item's relation. */
export function noteUse(run: Run, item: ScopeItem, column: string, use: Use): void {
  if (!item.table) return;
  const effect = systemColumnEffect(item.table.schema, item.table.name, column);
  if (effect === "secret") run.collector.need("sql.admin.server", DATABASE);
  if (effect === "leaky") run.collector.readsAnyClass = true;
  run.collector.column("sql.read.select", item.table, column, use);
  const relation = run.catalogue.relationByName.get(`${item.table.schema}.${item.table.name}`);
  const generatedFrom = relation?.columns.find((own) => own.name === column)?.generatedFrom;
  for (const from of generatedFrom ?? []) run.collector.column("sql.read.select", item.table, from, use);
  if (item.action !== undefined) run.collector.column(item.action, item.table, column, use);
}

/** The fact object of a relation. */
export function tableObject(relation: CatalogueRelation): FactObject {
  return { kind: "table", schema: relation.schema, name: relation.name };
}
