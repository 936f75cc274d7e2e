/**
 * What is read from the upstream. All in one read-only snapshot, with a search path that makes the server qualify every
 * name in the definitions it prints. Works from PostgreSQL 14 on; rows are arrays of text.
 */
export const BEGIN =
  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '3s'";
/** Ends the snapshot. */
export const END = "COMMIT";
/** The same inside of somebody's transaction, whose settings are not ours to change. */
export const BEGIN_WITHIN = "SAVEPOINT sluice_catalogue; SET LOCAL search_path = pg_catalog";
/** Leaves the transaction as it was, also after an error of ours. */
export const END_WITHIN = "ROLLBACK TO SAVEPOINT sluice_catalogue; RELEASE SAVEPOINT sluice_catalogue";

/** The types of a table's columns and of what these are made of: domains, arrays, composites, ranges. */
const TYPES_HELD = `WITH RECURSIVE held(oid) AS (
    SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid >= 16384
    UNION SELECT part.oid FROM held JOIN pg_catalog.pg_type t ON t.oid = held.oid, LATERAL (
      SELECT t.typbasetype UNION ALL SELECT t.typelem UNION ALL
      SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 UNION ALL
      SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)) AS part(oid)
    WHERE part.oid >= 16384)
  SELECT oid FROM held`;

/** What of a table's own definitions calls functions that are not built in, by the system table that holds them. */
const calledBy = (classes: string) => `
  (SELECT pg_catalog.json_agg(DISTINCT fn.nspname || '.' || f.proname)
    FROM (${classes}) AS part(classid, objid)
      JOIN pg_catalog.pg_depend d ON d.classid = part.classid AND d.objid = part.objid
        AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
      JOIN pg_catalog.pg_proc f ON f.oid = d.refobjid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.pronamespace
      WHERE f.oid >= 16384 AND f.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype)`;

/**
 * oid, schema, name, kind, definition, parents, triggers ("schema.name", before or instead, events), row type's oid,
 * rules, functions of defaults, checks (its own and of its columns' domains), trigger conditions and indexes, functions of
 * row security, foreign keys of others that follow its changes ("schema.name", event, what happens there, key columns), other
 * relations that row security looks into
 */
export const RELATIONS = `
SELECT c.oid, n.nspname, c.relname, c.relkind,
  CASE WHEN c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    THEN pg_catalog.pg_get_viewdef(c.oid) END,
  (WITH RECURSIVE up(oid) AS (
      SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid
      UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN up ON i.inhrelid = up.oid)
    SELECT pg_catalog.json_agg(pn.nspname || '.' || p.relname) FROM up
      JOIN pg_catalog.pg_class p ON p.oid = up.oid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace),
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(tn.nspname || '.' || f.proname,
        CASE WHEN t.tgtype & 66 <> 0 THEN 'before' ELSE 'after' END,
        pg_catalog.concat_ws(' ', CASE WHEN t.tgtype & 4 <> 0 THEN 'insert' END,
          CASE WHEN t.tgtype & 8 <> 0 THEN 'delete' END, CASE WHEN t.tgtype & 16 <> 0 THEN 'update' END,
          CASE WHEN t.tgtype & 32 <> 0 THEN 'truncate' END)) ORDER BY t.tgname)
      FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
      JOIN pg_catalog.pg_namespace tn ON tn.oid = f.pronamespace
      WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
  c.reltype,
  EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type <> '1' AND r.oid >= 16384),
  ${calledBy(`SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_attrdef x WHERE x.adrelid = c.oid
      UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_constraint x WHERE x.conrelid = c.oid
      UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_constraint x WHERE x.contypid IN (${TYPES_HELD})
      UNION ALL SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_trigger x WHERE x.tgrelid = c.oid
      UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, x.indexrelid FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid`)},
  ${calledBy("SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, x.oid FROM pg_catalog.pg_policy x WHERE x.polrelid = c.oid")},
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(fn.nspname || '.' || f.relname, e.event, e.does,
        (SELECT pg_catalog.string_agg(a.attname, pg_catalog.chr(31)) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum = ANY (k.confkey))))
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class f ON f.oid = k.conrelid
      JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace,
      LATERAL (VALUES ('delete', CASE WHEN k.confdeltype = 'c' THEN 'delete' ELSE 'update' END, k.confdeltype),
        ('update', 'update', k.confupdtype)) AS e(event, does, kind)
      WHERE k.contype = 'f' AND k.confrelid = c.oid AND k.conparentid = 0 AND e.kind IN ('c', 'n', 'd')),
  (SELECT pg_catalog.json_agg(DISTINCT rn.nspname || '.' || r.relname)
    FROM pg_catalog.pg_policy x JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass
        AND d.objid = x.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> c.oid
      JOIN pg_catalog.pg_class r ON r.oid = d.refobjid JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
      WHERE x.polrelid = c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 't') AND n.nspname !~ '^pg_(toast_)?temp_'
ORDER BY c.oid`;

/** relation's oid, name, number, type's oid, what a generated column is computed from */
export const COLUMNS = `
SELECT a.attrelid, a.attname, a.attnum, a.atttypid,
  CASE WHEN a.attgenerated <> '' THEN
    (SELECT pg_catalog.json_agg(DISTINCT s.attname) FROM pg_catalog.pg_attrdef g
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = g.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid
      JOIN pg_catalog.pg_attribute s ON s.attrelid = a.attrelid AND s.attnum = d.refobjsubid AND s.attnum <> a.attnum
      WHERE g.adrelid = a.attrelid AND g.adnum = a.attnum) END
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 't')
  AND n.nspname !~ '^pg_(toast_)?temp_'
ORDER BY a.attrelid, a.attnum`;

/**
 * oid, schema, name, language, volatility, security definer, set, argument count, source (of PL/pgSQL the whole CREATE),
 * kind, names, modes, result, settings, owner, defaults of arguments, types of arguments and of the columns it gives
 */
export const FUNCTIONS = `
SELECT p.oid, n.nspname, p.proname, l.lanname, p.provolatile, p.prosecdef, p.proretset, p.pronargs,
  CASE WHEN l.lanname = 'sql' AND p.oid >= 16384
      THEN coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)
    WHEN l.lanname = 'plpgsql' AND p.oid >= 16384 AND p.prokind IN ('f', 'p')
      THEN pg_catalog.pg_get_functiondef(p.oid) END,
  p.prokind, pg_catalog.to_json(p.proargnames), pg_catalog.to_json(p.proargmodes), p.prorettype,
  pg_catalog.to_json(p.proconfig), CASE WHEN p.prosecdef THEN pg_catalog.pg_get_userbyid(p.proowner) END,
  CASE WHEN p.oid >= 16384 AND p.pronargdefaults > 0 THEN pg_catalog.pg_get_expr(p.proargdefaults, 0) END,
  CASE WHEN p.oid >= 16384 THEN pg_catalog.array_to_json(coalesce(p.proallargtypes, p.proargtypes::pg_catalog.oid[])::pg_catalog.text[]) END
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
ORDER BY p.oid`;

/** every schema's name */
export const SCHEMAS = "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_' ORDER BY 1";

/** operator's name, function's schema and name: those that are not built in */
export const OPERATORS = `
SELECT o.oprname, n.nspname, p.proname
FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384 ORDER BY 1, 2, 3`;

/** source type's oid, target type's name, "e" asked for or "i" by itself, function's schema and name, target type's oid */
export const CASTS = `
SELECT c.castsource, t.typname, CASE WHEN c.castcontext = 'e' THEN 'e' ELSE 'i' END, n.nspname, p.proname, t.oid
FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_type t ON t.oid = c.casttarget
  JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384 ORDER BY 1, 2, 4, 5`;

/** Goes on from types that call functions to the domains, arrays, row types and ranges made of them. */
const WHATEVER_HOLDS_THEM = `  UNION SELECT outside.oid, holding.schema, holding.name FROM holding, LATERAL (
    SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typbasetype = holding.oid OR t.typelem = holding.oid
    UNION ALL SELECT t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid
      WHERE a.attnum > 0 AND a.atttypid = holding.oid
    UNION ALL SELECT made.oid FROM pg_catalog.pg_range r, LATERAL (VALUES (r.rngtypid), (r.rngmultitypid)) AS made(oid)
      WHERE r.rngsubtype = holding.oid) AS outside(oid))
SELECT DISTINCT t.typname, holding.schema, holding.name, t.oid
FROM holding JOIN pg_catalog.pg_type t ON t.oid = holding.oid ORDER BY 1, 2, 3, 4`;

/**
 * type's name, function's schema and name, type's oid: functions that are not built in and that the checks of a domain
 * call, for the domain and for whatever is made of it (domains over it, arrays, row types, ranges)
 */
export const DOMAIN_CHECKS = `
WITH RECURSIVE holding(oid, schema, name) AS (
  SELECT k.contypid, n.nspname, p.proname
  FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid
      AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE k.contypid <> 0 AND p.oid >= 16384
${WHATEVER_HOLDS_THEM}`;

/**
 * The same for casts that nobody has to ask for by naming a type that is not the server's: for the types they lead from and
 * to, where these are not, and whatever is made of them. Arguments, stored values and fields of such types are cast unsaid.
 */
export const UNASKED_CASTS = `
WITH RECURSIVE holding(oid, schema, name) AS (
  SELECT side.oid, n.nspname, p.proname
  FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace,
    LATERAL (VALUES (c.castsource), (c.casttarget)) AS side(oid)
  WHERE (c.castcontext <> 'e' OR c.casttarget < 16384) AND p.oid >= 16384 AND side.oid >= 16384
${WHATEVER_HOLDS_THEM}`;

/**
 * Settings with a dot in their name: "r" and one that something stored reads, "r" and "*" where it is not told which,
 * "p" and a prefix that an extension owns. What reads one says current_setting, or SHOW in a procedural body.
 */
export const CUSTOM_SETTINGS = `
WITH sources(source) AS (
  SELECT coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal')
  UNION ALL SELECT pg_catalog.pg_get_expr(polqual, polrelid) FROM pg_catalog.pg_policy
  UNION ALL SELECT pg_catalog.pg_get_expr(polwithcheck, polrelid) FROM pg_catalog.pg_policy
  UNION ALL SELECT pg_catalog.pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attrdef
  UNION ALL SELECT pg_catalog.pg_get_ruledef(oid) FROM pg_catalog.pg_rewrite WHERE oid >= 16384
  UNION ALL SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint
    WHERE oid >= 16384 AND contype = 'c'
  UNION ALL SELECT pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger WHERE NOT tgisinternal),
readers AS (SELECT source FROM sources WHERE source ~* 'current_setting|\\mshow\\M')
SELECT 'r', pg_catalog.lower(found[1]) FROM readers,
  LATERAL pg_catalog.regexp_matches(source, 'current_setting\\s*\\(\\s*''([^'']+)''', 'gi') AS found
UNION SELECT 'r', '*' FROM readers WHERE source ~* '\\mshow\\M'
  OR (SELECT count(*) FROM pg_catalog.regexp_matches(source, 'current_setting\\s*\\(', 'gi'))
    <> (SELECT count(*) FROM pg_catalog.regexp_matches(source, 'current_setting\\s*\\(\\s*''[^'']+''', 'gi'))
UNION SELECT 'p', pg_catalog.lower(pg_catalog.split_part(name, '.', 1)) FROM pg_catalog.pg_settings WHERE name LIKE '%.%'
UNION SELECT 'p', pg_catalog.lower(name) FROM pg_catalog.pg_available_extensions
ORDER BY 1, 2`;

/** Row versions of one system table, as one number. */
const versions = (table: string, key: string, where: string) =>
  `(SELECT pg_catalog.concat_ws('.', count(*), sum(pg_catalog.hashtext(${key} || '/' || xmin::text)::bigint))
    FROM pg_catalog.${table} WHERE ${where})`;

/**
 * One short text that changes whenever any of the above may have: the versions of the catalogue's own rows. Cheap enough
 * to ask often (a few milliseconds); it may also change when nothing of interest did.
 */
export const FINGERPRINT = `SELECT pg_catalog.concat_ws('/',
  ${versions("pg_class", "oid::text", "oid >= 16384 AND relkind <> 'i' AND relpersistence <> 't'")},
  ${versions("pg_attribute", "attrelid::text || '.' || attnum::text", "attrelid >= 16384 AND attnum > 0 AND attrelid IN (SELECT oid FROM pg_catalog.pg_class WHERE relkind <> 'i' AND relpersistence <> 't')")},
  ${versions("pg_proc", "oid::text", "oid >= 16384")},
  ${versions("pg_rewrite", "oid::text", "oid >= 16384")},
  ${versions("pg_namespace", "oid::text", "nspname !~ '^pg_(toast_)?temp_'")},
  ${versions("pg_operator", "oid::text", "oid >= 16384")},
  ${versions("pg_cast", "oid::text", "oid >= 16384")},
  ${versions("pg_inherits", "inhrelid::text || '.' || inhparent::text", "true")},
  ${versions("pg_trigger", "oid::text", "NOT tgisinternal")},
  ${versions("pg_attrdef", "oid::text", "adrelid >= 16384")},
  ${versions("pg_policy", "oid::text", "true")},
  ${versions("pg_constraint", "oid::text", "contypid <> 0 OR conrelid >= 16384")})`;
