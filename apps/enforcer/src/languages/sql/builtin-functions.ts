/** What a built-in function that is not a plain computation needs. */
export type BuiltinEffect =
  /** reads the server's state only, though Postgres calls it volatile */
  | { readonly kind: "harmless" }
  /** runs SQL that it is given as text, or reads tables by name */
  | { readonly kind: "dynamic" }
  /** needs this action on the database */
  | { readonly kind: "database"; readonly action: string }
  /** writes the sequence that its first argument names */
  | { readonly kind: "sequence" }
  /** keeps what it is given where a later statement can read it */
  | { readonly kind: "sink" }
  /** reads a value of any type by the type's own rules, which may call functions that are not built in */
  | { readonly kind: "typed" }
  /** shows what other sessions ran, or stored values: treated as every data class */
  | { readonly kind: "leaky" };

const words = (text: string): string[] => text.trim().split(/\s+/);

const HARMLESS = words(`
  array_sample array_shuffle clock_timestamp current_query currval gen_random_uuid lastval
  pg_available_wal_summaries pg_blocking_pids pg_collation_actual_version pg_control_checkpoint pg_control_init
  pg_control_recovery pg_control_system pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
  pg_database_collation_actual_version pg_database_size pg_get_aios pg_get_backend_memory_contexts
  pg_get_loaded_modules pg_get_multixact_members pg_get_sequence_data pg_get_shmem_allocations
  pg_get_shmem_allocations_numa pg_get_wait_events pg_get_wal_replay_pause_state pg_get_wal_resource_managers
  pg_get_wal_summarizer_state pg_indexes_size pg_is_in_recovery pg_is_wal_replay_paused
  pg_isolation_test_session_is_blocked pg_jit_available pg_last_committed_xact pg_last_wal_receive_lsn
  pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lock_status pg_notification_queue_usage
  pg_partition_ancestors pg_partition_tree pg_prepared_xact pg_relation_size pg_replication_origin_progress
  pg_replication_origin_session_is_setup pg_replication_origin_session_progress pg_safe_snapshot_blocking_pids
  pg_sequence_last_value pg_show_replication_origin_status pg_stat_get_backend_io pg_stat_get_backend_wal
  pg_stat_get_io pg_stat_get_recovery_prefetch pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit
  pg_stat_get_xact_function_calls pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time
  pg_stat_get_xact_numscans pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched
  pg_stat_get_xact_tuples_hot_updated pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_newpage_updated
  pg_stat_get_xact_tuples_returned pg_stat_get_xact_tuples_updated pg_stat_have_stats pg_table_size
  pg_tablespace_size pg_total_relation_size pg_wal_summary_contents pg_xact_commit_timestamp
  pg_xact_commit_timestamp_origin pg_xact_status random random_normal timeofday txid_status uuidv4 uuidv7
  bernoulli system
`);

const DYNAMIC = words(`
  query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema
  table_to_xml table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema
  schema_to_xml_and_xmlschema database_to_xml database_to_xmlschema database_to_xml_and_xmlschema ts_stat ts_rewrite
`);

/** Server files, other sessions, replication, large objects, statistics, the server's life. */
const SERVER = words(`
  pg_read_file pg_read_binary_file pg_stat_file pg_ls_dir pg_ls_logdir pg_ls_waldir pg_ls_archive_statusdir
  pg_ls_tmpdir pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_ls_replslotdir pg_ls_summariesdir pg_current_logfile
  pg_hba_file_rules pg_ident_file_mappings pg_show_all_file_settings pg_file_write pg_file_read pg_file_sync
  pg_file_rename pg_file_unlink pg_logdir_ls
  lo_import lo_export lo_creat lo_create lo_from_bytea lo_get lo_lseek lo_lseek64 lo_open lo_close lo_put lo_tell
  lo_tell64 lo_truncate lo_truncate64 lo_unlink loread lowrite
  pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_switch_wal pg_promote
  pg_create_restore_point pg_backup_start pg_backup_stop pg_start_backup pg_stop_backup pg_wal_replay_pause
  pg_wal_replay_resume pg_log_backend_memory_contexts pg_log_standby_snapshot
  pg_create_logical_replication_slot pg_create_physical_replication_slot pg_drop_replication_slot
  pg_copy_logical_replication_slot pg_copy_physical_replication_slot pg_replication_slot_advance
  pg_logical_slot_get_changes pg_logical_slot_get_binary_changes pg_logical_slot_peek_changes
  pg_logical_slot_peek_binary_changes pg_logical_emit_message pg_sync_replication_slots
  pg_replication_origin_create pg_replication_origin_drop pg_replication_origin_advance
  pg_replication_origin_session_setup pg_replication_origin_session_reset pg_replication_origin_xact_setup
  pg_replication_origin_xact_reset pg_stat_reset pg_stat_reset_shared pg_stat_reset_single_table_counters
  pg_stat_reset_single_function_counters pg_stat_reset_slru pg_stat_reset_replication_slot
  pg_stat_reset_subscription_stats pg_stat_reset_backend_stats pg_stat_clear_snapshot pg_stat_force_next_flush
  pg_clear_attribute_stats pg_clear_relation_stats pg_restore_attribute_stats pg_restore_relation_stats
  pg_import_system_collations pg_extension_config_dump pg_nextoid pg_stop_making_pinned_objects
  pg_tablespace_databases pg_stat_get_wal_receiver
`);

const MAINTAIN = words("brin_summarize_new_values brin_summarize_range brin_desummarize_range gin_clean_pending_list");

const TYPED = words(`
  pg_input_is_valid pg_input_error_info array_in array_recv record_in record_recv domain_in domain_recv range_in
  range_recv multirange_in multirange_recv
  json_populate_record json_populate_recordset jsonb_populate_record jsonb_populate_recordset jsonb_populate_record_valid
`);

/** Statements of other sessions and samples of stored values. */
const LEAKY = words(`
  pg_stat_get_activity pg_stat_get_backend_activity pg_mcv_list_items pg_cursor pg_prepared_statement
`);

/** Built-in functions whose effect the catalogue's volatility does not tell. Version: PostgreSQL 18 and before. */
export const BUILTIN_EFFECTS: ReadonlyMap<string, BuiltinEffect> = new Map<string, BuiltinEffect>([
  ...HARMLESS.map((name) => [name, { kind: "harmless" }] as const),
  ...DYNAMIC.map((name) => [name, { kind: "dynamic" }] as const),
  ...SERVER.map((name) => [name, { kind: "database", action: "sql.admin.server" }] as const),
  ...MAINTAIN.map((name) => [name, { kind: "database", action: "sql.admin.maintain" }] as const),
  ...LEAKY.map((name) => [name, { kind: "leaky" }] as const),
  ["setseed", { kind: "sink" }],
  ...TYPED.map((name) => [name, { kind: "typed" }] as const),
  ["set_config", { kind: "database", action: "sql.admin.setting" }],
  // another session may read what this one may, as it was at one moment: pg_dump's workers do
  ["pg_export_snapshot", { kind: "database", action: "sql.read.session" }],
  ["pg_notify", { kind: "database", action: "sql.write.notify" }],
  ["nextval", { kind: "sequence" }],
  ["setval", { kind: "sequence" }],
]);

/** Aggregates that tell how many, not what. */
export const COUNTING = new Set(["count", "regr_count"]);

/** Functions of well-known extensions in C that run SQL which they are given. */
const DYNAMIC_EXTENSION = /^(crosstab|crosstab[234N]|connectby|xpath_table)$/;
/** The same that reach other servers, or the server's pages and log of writes past every table. */
const SERVER_EXTENSION =
  /^(dblink|postgres_fdw|pg_get_wal|pg_logicalinspect)|^(get_raw_page|heap_page_items|pg_read_.*|pg_file_.*)$/;

/** What is known of a function in C that is not the server's own. */
export function extensionEffect(name: string): "dynamic" | "server" | undefined {
  if (SERVER_EXTENSION.test(name)) return "server";
  return DYNAMIC_EXTENSION.test(name) ? "dynamic" : undefined;
}

/** Functions of well-known extensions in C that only compute, though declared volatile or stable. */
export const HARMLESS_EXTENSION = new Set(
  words(`
  uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_uuid gen_random_bytes gen_salt unaccent
  similarity word_similarity strict_word_similarity show_trgm levenshtein soundex metaphone
`),
);
