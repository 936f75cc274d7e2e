type Json = Readonly<Record<string, unknown>>;

// 2026-01-14 was a Wednesday.
const common: Json = {
  now: { __extn: { fn: "datetime", arg: "2026-01-14T10:00:00Z" } },
  minuteOfDay: 600,
  weekday: 3,
  client: { ip: { __extn: { fn: "ip", arg: "192.0.2.1" } }, application: "psql", tls: true },
};

const sql: Json = {
  command: "SELECT",
  columnsRead: [],
  columnsWritten: [],
  columnsFiltered: [],
  classesRead: [],
  classesFiltered: [],
  classesWritten: [],
  columnsProbed: [],
  classesProbed: [],
  testedValues: 0,
  functions: [],
  objectCount: 1,
  unbounded: false,
  opaque: false,
  dynamic: false,
  multiStatement: false,
  inTransaction: false,
};

const document: Json = {
  command: "find",
  stages: [],
  fieldsRead: [],
  fieldsWritten: [],
  fieldsFiltered: [],
  classesRead: [],
  classesFiltered: [],
  classesWritten: [],
  unbounded: false,
  opaque: false,
  inTransaction: false,
};

const kv: Json = { command: "GET", keyCount: 1, unbounded: false, opaque: false, inTransaction: false };

const http: Json = {
  method: "GET",
  host: "",
  path: "/",
  queryNames: [],
  headerNames: [],
  contentType: "",
  bodyBytes: 0,
  classesSent: [],
  opaque: false,
};

const shell: Json = {
  account: "",
  elevated: false,
  programs: [],
  filesRead: [],
  filesWritten: [],
  hosts: [],
  interactive: false,
  dynamic: false,
  opaque: false,
};

const k8s: Json = {
  verb: "get",
  resource: "",
  fieldsWritten: [],
  images: [],
  privileged: false,
  unbounded: false,
  dryRun: false,
};

const call: Json = {
  arguments: [],
  classesSent: [],
  paths: [],
  hosts: [],
  labels: [],
  changed: false,
  opaque: false,
};

const llm: Json = {
  inputTokens: 0,
  outputTokensMax: 0,
  classesSent: [],
  tools: [],
  labels: [],
  attachments: 0,
  stream: false,
  opaque: false,
};

/** What a plain exchange of each protocol says of itself, by the first part of its actions' names. */
const byProtocol: ReadonlyMap<string, Json> = new Map([
  ["sql", { sql }],
  ["document", { document }],
  ["kv", { kv }],
  ["http", { http }],
  ["ssh", { shell }],
  ["k8s", { k8s }],
  ["mcp", { call }],
  ["llm", { llm }],
  ["unmask", { column: "" }],
]);

/**
 * The context of a plain exchange of an action, in Cedar's JSON form: bounded, understood, without data classes, over TLS, on a
 * Wednesday at ten. Tests lay over it what matters to them.
 */
export function neutralContext(action: string): Json {
  const [protocol = ""] = action.split(".");
  return { ...common, ...byProtocol.get(protocol) };
}
