import type { Catalogue } from "../facts.ts";
import { DATABASE } from "./collector.ts";
import type { Run } from "./run.ts";

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Settings that shape the session's own comfort only. Everything else is the database's business. */
const HARMLESS = new Set(
  words(`
  application_name backslash_quote bytea_output client_encoding client_min_messages constraint_exclusion
  cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction datestyle deadlock_timeout
  debug_pretty_print default_statistics_target default_transaction_deferrable default_transaction_isolation
  default_transaction_read_only effective_cache_size enable_async_append enable_bitmapscan enable_gathermerge
  enable_hashagg enable_hashjoin enable_incremental_sort enable_indexonlyscan enable_indexscan enable_material
  enable_memoize enable_mergejoin enable_nestloop enable_parallel_append enable_parallel_hash
  enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join enable_seqscan enable_sort
  enable_tidscan escape_string_warning extra_float_digits force_parallel_mode from_collapse_limit geqo
  geqo_threshold gin_fuzzy_search_limit hash_mem_multiplier idle_in_transaction_session_timeout
  idle_session_timeout intervalstyle jit join_collapse_limit lc_messages lc_monetary lc_numeric lc_time
  lock_timeout maintenance_work_mem max_parallel_workers_per_gather parallel_setup_cost parallel_tuple_cost
  plan_cache_mode quote_all_identifiers random_page_cost search_path seq_page_cost standard_conforming_strings
  statement_timeout synchronize_seqscans synchronous_commit temp_buffers timezone transaction_deferrable
  transaction_isolation transaction_read_only transaction_timeout transform_null_equals work_mem xmlbinary
  xmloption check_function_bodies row_security restrict_nonsystem_relation_kind
  default_table_access_method default_toast_compression array_nulls exit_on_error jit_above_cost
  jit_inline_above_cost jit_optimize_above_cost min_parallel_table_scan_size min_parallel_index_scan_size
  max_parallel_workers max_parallel_maintenance_workers parallel_leader_participation
  effective_io_concurrency maintenance_io_concurrency recursive_worktable_factor stats_fetch_consistency
  client_connection_check_interval tcp_keepalives_idle tcp_keepalives_interval tcp_keepalives_count
  tcp_user_timeout gin_pending_list_limit
`),
);
/** The planner's switches, more with each version. */
const PLANNER = /^enable_[a-z_]+$/;

/** Settings that the facts of later statements depend on. */
const MEANINGFUL = new Set([
  "search_path",
  "standard_conforming_strings",
  "client_encoding",
  "role",
  "session_authorization",
]);

const ROLES = new Set(["role", "session_authorization"]);

/** Notes a change of one setting; `value` is undefined for RESET and for a value that is not a literal. */
export function changeSetting(name: string, value: string | undefined, local: boolean, run: Run): void {
  const setting = name.toLowerCase();
  run.collector.changesSession ||= MEANINGFUL.has(setting);
  run.collector.sets = { name: setting, value, local };
  run.collector.need(actionFor(setting, run.catalogue), DATABASE);
}

/** set_config(name, value, is_local): the same through a function. A name or value that is not a literal is not known. */
export function setSetting(literals: readonly (string | undefined)[], run: Run): void {
  const [name, value, local] = literals;
  if (name === undefined) {
    run.collector.changesSession = true;
    run.collector.need("sql.admin.setting", DATABASE);
    run.collector.giveUp("set_config of a setting that is not named literally");
    return;
  }
  const setting = name.toLowerCase();
  if (MEANINGFUL.has(setting) && value === undefined) run.collector.giveUp("set_config of a value that is not literal");
  changeSetting(setting, value, local === "true" || local === "t", run);
  // A stored value put into a setting of the session's own comes back without its class by current_setting.
  if (setting.includes(".") && value === undefined) run.collector.need("sql.admin.setting", DATABASE);
  // Through a function it can happen per row and out of order: Sluice does not follow it inside one statement.
  // The empty path, which the server's own tools begin with, cannot make a name mean anything of somebody else's.
  const emptied = setting === "search_path" && value === "";
  if (MEANINGFUL.has(setting) && !emptied) run.collector.need("sql.admin.setting", DATABASE);
}

function actionFor(setting: string, { customSettings }: Catalogue): string {
  if (ROLES.has(setting)) return "sql.admin.role";
  if (HARMLESS.has(setting) || PLANNER.test(setting)) return "sql.read.session";
  // Row security, views and functions of the customer's own often read settings such as app.user_id: whoever sets those
  // chooses what they see. One that nothing in the database reads, and no extension owns, is a note of the session's own.
  const [prefix, ...names] = setting.split(".");
  const read = customSettings?.read;
  const isOwn = names.length > 0 && prefix !== undefined && !customSettings?.prefixes.has(prefix);
  return isOwn && read !== undefined && read !== "any" && !read.has(setting) ? "sql.read.session" : "sql.admin.setting";
}
