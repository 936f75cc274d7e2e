/** The object a piece of a statement acts on. `schema` is resolved by the catalogue and the session's search_path. */
export interface FactObject {
  readonly kind: "table" | "function" | "schema" | "database";
  /** empty for kinds database and schema, and for a relation that the catalogue does not hold */
  readonly schema: string;
  /** empty for kind database: the connected one */
  readonly name: string;
}

/** One (action, object) pair that a statement needs; every pair is decided and all must pass. */
export interface Access {
  /** an action id of sluice.cedarschema, e.g. "sql.read.select" */
  readonly action: string;
  readonly object: FactObject;
  /** column names; "*" stands for all or unknown */
  readonly columnsRead: readonly string[];
  readonly columnsWritten: readonly string[];
  readonly columnsFiltered: readonly string[];
  /**
   * Columns used in a way that tells a hidden value little by little: compared otherwise than by equality with values that
   * were given, ordered or grouped by, or fed to something that fails for some values and not for others.
   */
  readonly columnsProbed?: readonly string[];
  /** how many given values a column is compared with for equality; a list given as one parameter counts as a thousand */
  readonly columnsTested?: Readonly<Record<string, number>>;
}

/** What was understood of one statement. Frozen and cached by exact text and session settings, so shared. */
export interface StatementFacts {
  /** the command's tag in upper case: SELECT, UPDATE, CREATE TABLE … */
  readonly command: string;
  readonly accesses: readonly Access[];
  /** schema-qualified names of all called functions that are not plain built-in operators */
  readonly functions: readonly string[];
  /** the text or its grammar was not understood: decided as `sql.opaque` only */
  readonly unparsed: boolean;
  /** parsed, but the effect is not fully known */
  readonly opaque: boolean;
  readonly dynamic: boolean;
  readonly unbounded: boolean;
  readonly multiStatement: boolean;
  /** true when it can return rows to the client */
  readonly returnsRows: boolean;
  /** changes session state that facts depend on (SET, RESET, DISCARD, SET ROLE, search_path …) */
  readonly changesSession: boolean;
  /** BEGIN/COMMIT/ROLLBACK/SAVEPOINT kinds, else "none" */
  readonly transaction: "none" | "begin" | "commit" | "rollback" | "savepoint" | "release" | "rollback_to" | "prepare";
  /** in plain words, why it is unparsed or opaque */
  readonly reason?: string;
  /** byte offsets [start, end) of this statement in the text */
  readonly span: readonly [number, number];
  /**
   * What each output column can carry: the classified source columns per target, or "unknown". Together with the wire's
   * table OID and column number it decides masking. Absent for statements without rows.
   */
  readonly lineage?: readonly OutputLineage[] | "unknown";
  /** reads statistics, other sessions' statements or the like, which can show values of every data class */
  readonly readsAnyClass?: boolean;
  /** relations that are looked into unseen: an error or notice may quote their values; "any" when not all could be told */
  readonly quotes?: readonly FactObject[] | "any";
  /** names that the catalogue does not hold: load it again and analyse once more before deciding */
  readonly unresolved?: readonly string[];
  /** DDL: the catalogue must be loaded again after it */
  readonly changesCatalogue?: boolean;
  /** what of the catalogue is no longer as it was loaded, until it is loaded again: see `afterChanges` */
  readonly redefines?: readonly CatalogueChange[];
  /** names of temporary objects that it makes: the session's settings must carry them from then on */
  readonly createsTemporary?: readonly string[];
  /** values read from one place and stored in another, where later reads would show them without their class */
  readonly persists?: readonly PersistedValue[];
  /** PREPARE or DECLARE: what EXECUTE or FETCH of that name will do */
  readonly prepares?: { readonly kind: PreparedKind; readonly name: string; readonly facts: StatementFacts };
  /** EXECUTE, FETCH or MOVE: opaque until `languages/sql` `resolvePrepared` puts the prepared facts in */
  readonly executes?: { readonly kind: PreparedKind; readonly name: string };
  /** COPY through the client's connection */
  readonly copy?: CopyFacts;
  /** a procedure leaves cursors open whose names are not known: any FETCH may read what this statement reads */
  readonly opensCursors?: boolean;
  /** SET, RESET or set_config of one setting; `value` is undefined when it is reset or not a literal */
  readonly sets?: { readonly name: string; readonly value: string | undefined; readonly local: boolean };
}

/** The two name spaces that SQL shares with the extended protocol: statements with Parse, cursors with portals. */
export type PreparedKind = "statement" | "cursor";

/** A flow of data into a stored column; `into.column` "*" is all or unknown. */
export interface PersistedValue {
  readonly into: SourceColumn;
  readonly from: OutputLineage;
  /** the stored column itself goes on under another name: nobody reads it, but its class stays behind */
  readonly moved?: boolean;
}

/** What one definition makes of the catalogue as it was loaded. Plain data. */
export type CatalogueChange =
  /** nothing that the catalogue holds can be trusted any more */
  | { readonly kind: "everything" }
  /** operators, casts, types or aggregates: any expression may call something that is not known */
  | { readonly kind: "code" }
  /** an extension came or changed: its functions and operators are not known, what others are called stays */
  | { readonly kind: "extension" }
  /** these bare names may now mean other relations, or none */
  | { readonly kind: "relations"; readonly names: readonly string[] }
  /** these bare names may now mean other functions, or none */
  | { readonly kind: "functions"; readonly names: readonly string[] }
  /** "schema.name" of relations that keep their names, and nothing else for sure */
  | { readonly kind: "altered"; readonly relations: readonly string[] }
  /** a relation is there as given here; its OID counts only where it is above zero */
  | { readonly kind: "made"; readonly relation: CatalogueRelation }
  | { readonly kind: "schema"; readonly name: string };

/** How COPY's rows look on the wire. */
export interface CopyFacts {
  readonly direction: "in" | "out";
  readonly format: "text" | "csv" | "binary";
  readonly delimiter: string;
  readonly nullText: string;
  readonly header: boolean;
  readonly quote: string;
  readonly escape: string;
  /** the encoding that ENCODING names for the data; without it the session's when it runs; empty where it is not known */
  readonly encoding?: string;
}

/** A stored column by name. */
export interface SourceColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** Where one output column comes from. */
export interface OutputLineage {
  readonly sources: readonly SourceColumn[];
  /** the value is the source column itself (a plain reference), not computed from it */
  readonly exact: boolean;
  /** some part of the origin could not be told */
  readonly unknown: boolean;
}

/** Session state that changes what a text means. */
export interface SqlSessionSettings {
  readonly searchPath: string;
  readonly standardConformingStrings: boolean;
  readonly clientEncoding: string;
  /** current_user on the upstream */
  readonly role: string;
  /**
   * Names of temporary objects that the session may have made (`createsTemporary` of what it ran): they shadow others.
   * "any" after an opaque statement ran: then no unqualified name is trusted.
   */
  readonly temporaryNames?: readonly string[] | "any";
}

/** One column of the catalogue snapshot. */
export interface CatalogueColumn {
  readonly name: string;
  /** attnum, as RowDescription carries it */
  readonly number: number;
  readonly typeOid: number;
  /** a generated column: the columns of the same table that it is computed from */
  readonly generatedFrom?: readonly string[];
}

/** A table, view, materialized view, foreign table, partitioned table or sequence. */
export interface CatalogueRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: "table" | "view" | "materialized_view" | "foreign_table" | "sequence" | "index" | "other";
  readonly columns: readonly CatalogueColumn[];
  /** pg_get_viewdef for views */
  readonly definition?: string;
  /** "schema.name" of what it is a partition or inheritance child of */
  readonly parents?: readonly string[];
  /** rules other than a view's own rewrite what is written to it */
  readonly rules?: boolean;
  readonly triggers?: readonly CatalogueTrigger[];
  /** "schema.name" of functions that are not built in and that a write calls: defaults, checks, indexes */
  readonly writeFunctions?: readonly string[];
  /** "schema.name" of casts that a whole row of it may meet without being asked for */
  readonly rowCasts?: readonly string[];
  /** the same for row security, which reads call as well */
  readonly policyFunctions?: readonly string[];
  /** "schema.name" of other relations that row security looks into, unseen by who reads this one */
  readonly policyRelations?: readonly string[];
  /** foreign keys of other tables that change their rows when this one's change */
  readonly cascades?: readonly CatalogueCascade[];
}

/** A write's event, as triggers and foreign keys tell them apart. */
export type WriteEvent = "insert" | "update" | "delete" | "truncate";

/** A trigger of a relation. */
export interface CatalogueTrigger {
  /** "schema.name" */
  readonly calls: string;
  /** it may change the row that is written, or writes instead */
  readonly before: boolean;
  readonly events: readonly WriteEvent[];
}

/** What a change of a relation does to rows that refer to it. */
export interface CatalogueCascade {
  /** "schema.name" of the table that refers */
  readonly table: string;
  readonly event: "update" | "delete";
  readonly does: "update" | "delete";
  /** columns referred to: an update of no other column matters */
  readonly columns: readonly string[];
}

/** A function or procedure. */
export interface CatalogueFunction {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly language: string;
  readonly volatility: "immutable" | "stable" | "volatile";
  readonly securityDefiner: boolean;
  readonly returnsSet: boolean;
  readonly argumentCount: number;
  /** the body of a SQL function; of one in PL/pgSQL the whole CREATE FUNCTION */
  readonly source?: string;
  readonly kind?: "function" | "procedure" | "aggregate" | "window";
  /** input arguments' names, "" where unnamed */
  readonly argumentNames?: readonly string[];
  /** columns of its result, where declared or of a named row type */
  readonly resultColumns?: readonly string[];
  /** its result's type depends on the call and may be a row of any width */
  readonly anyResult?: boolean;
  /** its own SET search_path, which its body is resolved under */
  readonly searchPath?: string;
  /** its own SET of something else changes what its text means or whose rights it has */
  readonly altersMeaning?: boolean;
  /** of a security definer: whose rights it has */
  readonly owner?: string;
  /** the expressions that stand in for arguments not given, comma-separated */
  readonly defaults?: string;
  /** "schema.name" of functions that are called to make values of the types that it takes and gives */
  readonly checks?: readonly string[];
}

/** What the upstream really holds, by name; immutable, replaced whole when it changes. */
export interface Catalogue {
  /** changes with the content: part of every cache key */
  readonly version: string;
  readonly relations: readonly CatalogueRelation[];
  readonly functions: readonly CatalogueFunction[];
  readonly relationByOid: ReadonlyMap<number, CatalogueRelation>;
  /** "schema.name" */
  readonly relationByName: ReadonlyMap<string, CatalogueRelation>;
  readonly functionsByName: ReadonlyMap<string, readonly CatalogueFunction[]>;
  readonly schemas: readonly string[];
  /** operators that are not built in: name → "schema.name" of the functions behind it */
  readonly operators?: ReadonlyMap<string, readonly string[]>;
  /** types whose casts or domain checks call functions that are not built in: type name → "schema.name" of those */
  readonly typeFunctions?: ReadonlyMap<string, readonly string[]>;
  /** by type OID: "schema.name" of functions that are not built in and are called when a value of the type is made */
  readonly typeChecks?: ReadonlyMap<number, readonly string[]>;
  /** the same for casts that happen unasked, by the OID of a type that they lead from or to, or that is made of one */
  readonly implicitCasts?: ReadonlyMap<number, readonly string[]>;
  /**
   * Settings with a dot in their name: those that something stored in the database reads ("any" where it is not told
   * which), and the prefixes that extensions own. Unknown when absent.
   */
  readonly customSettings?: { readonly read: ReadonlySet<string> | "any"; readonly prefixes: ReadonlySet<string> };
  /** definitions that ran since it was loaded: what names them is not understood */
  readonly unsure?: UnsureNames;
}

/** What of a catalogue is not known any more. */
export interface UnsureNames {
  readonly everything: boolean;
  readonly code: boolean;
  readonly extension: boolean;
  /** bare names */
  readonly relations: ReadonlySet<string>;
  /** bare names */
  readonly functions: ReadonlySet<string>;
  /** "schema.name" */
  readonly altered: ReadonlySet<string>;
}
