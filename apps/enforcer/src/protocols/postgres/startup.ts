import { err, ok, type Result } from "@sluice/kernel";

/** What a client's startup packet asks for, checked. */
export interface StartupRequest {
  readonly user: string;
  readonly database: string;
  readonly application: string;
  /** settings that go to the upstream's own startup packet */
  readonly settings: Readonly<Record<string, string>>;
}

/** Why a startup packet is refused. */
export interface StartupRefusal {
  readonly sqlstate: string;
  readonly message: string;
}

/** Settings that only change how values look or how long things may take; what a statement means stays the same. */
const SETTINGS_ALLOWED = new Map(
  [
    "application_name",
    "bytea_output",
    "client_encoding",
    "client_min_messages",
    "DateStyle",
    "default_transaction_isolation",
    "default_transaction_read_only",
    "extra_float_digits",
    "geqo",
    "idle_in_transaction_session_timeout",
    "IntervalStyle",
    "jit",
    "lock_timeout",
    "search_path",
    "statement_timeout",
    "TimeZone",
  ].map((name) => [name.toLowerCase(), name]),
);

const refuse = (sqlstate: string, message: string): Result<never, StartupRefusal> => err({ sqlstate, message });

/** Reads a startup packet's parameters; refuses replication and settings that could change what statements mean. */
export function readStartup(parameters: ReadonlyMap<string, string>): Result<StartupRequest, StartupRefusal> {
  const user = parameters.get("user") ?? "";
  if (user === "") return refuse("28000", "Sluice: no user name in the startup packet");
  const replication = parameters.get("replication");
  if (replication !== undefined && !["", "off", "false", "no", "0"].includes(replication))
    return refuse("0A000", "Sluice: replication connections do not pass");
  const settings: Record<string, string> = {};
  for (const [name, value] of [...parameters, ...optionSettings(parameters.get("options") ?? "")]) {
    if (["user", "database", "options", "replication"].includes(name) || name.startsWith("_pq_.")) continue;
    const known = SETTINGS_ALLOWED.get(name.toLowerCase());
    if (!known) return refuse("42501", `Sluice: the setting ${JSON.stringify(name)} may not be given when connecting`);
    if (known === "client_encoding" && !isUtf8(value))
      return refuse("0A000", "Sluice: client_encoding must be UTF8: statements in other encodings cannot be judged");
    settings[known] = known === "client_encoding" ? "UTF8" : value;
  }
  settings.client_encoding ??= "UTF8";
  return ok({
    user,
    database: parameters.get("database") ?? user,
    application: (settings.application_name ?? "").slice(0, 64),
    settings,
  });
}

function isUtf8(value: string): boolean {
  const plain = value.replaceAll(/['"\s]/g, "").toLowerCase();
  return ["utf8", "utf-8", "unicode", "auto"].includes(plain);
}

/** `-c name=value`, `-cname=value` and `--name=value` of the `options` parameter; anything else under its own name. */
function optionSettings(options: string): [string, string][] {
  const words = (options.match(/(?:\\.|\S)+/g) ?? []).map((word) => word.replaceAll(/\\(.)/g, "$1"));
  const found: [string, string][] = [];
  for (let index = 0; index < words.length; index++) {
    let word = words[index] ?? "";
    if (word === "-c") word = words[++index] ?? "";
    else if (word.startsWith("--")) word = word.slice(2);
    else if (word.startsWith("-c")) word = word.slice(2);
    const equals = word.indexOf("=");
    if (equals > 0) found.push([word.slice(0, equals).replaceAll("-", "_"), word.slice(equals + 1)]);
    else found.push([word, ""]);
  }
  return found;
}
