import type { SourceColumn } from "../facts.ts";

/**
 * Stands for every classified column at once: statistics, other sessions' statements and the like show stored values
 * under no name of their own. Masking treats it as carrying all the resource's data classes.
 */
export const LEAKY_SOURCE: SourceColumn = { schema: "pg_catalog", table: "*", column: "*" };

/** Columns of the system catalogue that show stored values or other people's statements. */
const LEAKY_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map([
  ["pg_stats", ["most_common_vals", "histogram_bounds", "most_common_elems", "range_bounds_histogram"]],
  ["pg_stats_ext", ["most_common_vals"]],
  ["pg_stats_ext_exprs", ["most_common_vals", "histogram_bounds", "most_common_elems", "range_bounds_histogram"]],
  ["pg_statistic", ["stavalues1", "stavalues2", "stavalues3", "stavalues4", "stavalues5"]],
  ["pg_statistic_ext_data", ["stxdmcv", "stxdexpr", "stxdndistinct", "stxddependencies"]],
  ["pg_stat_activity", ["query"]],
  ["pg_prepared_statements", ["statement"]],
  ["pg_cursors", ["statement"]],
  ["pg_attribute", ["attmissingval"]],
  ["pg_largeobject", ["data"]],
]);

/** Columns that hold secrets or the server's own configuration: reading them needs `sql.admin.server`. */
const SECRET_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map([
  ["pg_authid", ["rolpassword"]],
  ["pg_shadow", ["passwd"]],
  ["pg_user_mapping", ["umoptions"]],
  ["pg_user_mappings", ["umoptions"]],
  ["pg_subscription", ["subconninfo"]],
  ["pg_largeobject", ["data"]],
  ["pg_hba_file_rules", ["*"]],
  ["pg_ident_file_mappings", ["*"]],
  ["pg_file_settings", ["*"]],
  ["pg_stat_wal_receiver", ["conninfo"]],
  ["user_mapping_options", ["option_value"]],
  ["_pg_user_mappings", ["umoptions"]],
]);

/** What reading a system column means beyond reading it. */
export function systemColumnEffect(schema: string, table: string, column: string): "leaky" | "secret" | "plain" {
  if (schema === "pg_toast") return "secret";
  if (schema !== "pg_catalog" && schema !== "information_schema") return "plain";
  const secret = SECRET_COLUMNS.get(table);
  if (secret && (column === "*" || secret.includes("*") || secret.includes(column))) return "secret";
  const leaky = LEAKY_COLUMNS.get(table);
  return leaky && (column === "*" || leaky.includes(column)) ? "leaky" : "plain";
}
