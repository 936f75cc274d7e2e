/** sluice.cedarschema, embedded so that no reader needs a file system. Written by schema-text.test.ts. */
export const schemaText = `// The vocabulary of every Sluice policy, version 2: all protocols that Sluice speaks or will speak. A protocol adds entities,
// actions and context types here; the engine's code does not change for it. docs/policy-schema.md is the table of it all.

// --- Who -----------------------------------------------------------------------------------------------------
entity Org;
entity Site in [Org];
entity Group in [Group];
entity User in [Group] { handle: String, email: String, name: String } tags String;
// An AI agent. With \`onBehalfOf\` every decision is made for the person too, and both must pass.
entity Agent in [Group] { handle: String, name: String, model?: String, onBehalfOf?: User } tags String;
entity Workload in [Group] { handle: String, name: String } tags String;

// --- What: a tree per protocol. Its root is what an admin connects, and has name, kind, environment and tags ---------
// Where a resource stands: Environment::"production", "staging", "development" … Everything below a root is in it too, so
// one policy on \`resource in Environment::"production"\` covers tables, tools, hosts and all else.
entity Environment;
// SQL: Postgres, MySQL, MariaDB, SQL Server (\`kind\` tells). It is in the environment that its attribute names.
entity Database in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity Schema in [Database] { name: String };
// Tables, views, materialized views, foreign tables, sequences: \`kind\` tells which.
entity Table in [Schema] { name: String, schema: String, kind: String, classes: Set<String> };
entity Function in [Schema] { name: String, schema: String, volatility: String };
// MongoDB and its like.
entity DocumentStore in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity Collection in [DocumentStore] { name: String, database: String, kind: String, classes: Set<String> };
// Redis and its like. A key space is a prefix of keys.
entity KeyStore in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity KeySpace in [KeyStore] { name: String, classes: Set<String> };
// HTTP, REST, GraphQL, gRPC: \`name\` of an endpoint is its operation, \`path\` its template (/orders/{id}).
entity Api in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity Endpoint in [Api] { name: String, method: String, path: String, classes: Set<String> };
// SSH, SFTP. A file's name is its absolute path, with \`.\` and \`..\` resolved.
entity Host in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity File in [Host] { name: String };
// Kubernetes. Objects without a namespace are in the cluster itself.
entity Cluster in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity Namespace in [Cluster] { name: String };
entity KubeObject in [Namespace, Cluster] { name: String, group: String, kind: String };
// MCP. \`effect\` is the tool's class (read, write, destroy, admin, exec, egress); unknown is exec.
entity McpServer in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity Tool in [McpServer] { name: String, effect: String, classes: Set<String> };
entity Prompt in [McpServer] { name: String };
entity McpResource in [McpServer] { name: String, uri: String, classes: Set<String> };
// Language models behind an API.
entity ModelProvider in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity Model in [ModelProvider] { name: String, sanctioned: Bool };
// A kind of sensitive data, e.g. DataClass::"email". \`unmask\` on it is the right to see it in clear.
entity DataClass { name: String };

// Just-in-time access: data that access policies refer to as \`context.grant\`. Exactly one of the roots is set.
entity Grant {
  principal: User, actions: Set<String>, startsAt: datetime, endsAt: datetime,
  resource?: Database, documentStore?: DocumentStore, keyStore?: KeyStore, api?: Api, host?: Host, cluster?: Cluster,
  mcpServer?: McpServer, modelProvider?: ModelProvider,
};

// --- The context of a decision -------------------------------------------------------------------------------
type Approval = { id: String, workflows: Set<String>, approvers: Set<User> };
type Client = { ip: ipaddr, application: String, tls: Bool };
// What every context has; Cedar's records do not extend one another, so each repeats it.
//   now: the time of the decision
//   minuteOfDay, weekday: minutes since midnight UTC and ISO weekday (Monday is 1), so that working hours need no arithmetic
//   approval: people's answer to this very exchange
//   grant: a grant in force of the person who acts or is acted for, that names this action or a group of it and whose root is
//     this resource or what it is in (for unmask: what holds the value); of several the one that ends last
type Common = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant,
};
type Sql = {
  // The command's tag, e.g. "SELECT", "UPDATE", "CREATE TABLE".
  command: String,
  // Of the object this decision is about.
  columnsRead: Set<String>,
  columnsWritten: Set<String>,
  columnsFiltered: Set<String>,
  classesRead: Set<String>,
  classesFiltered: Set<String>,
  classesWritten: Set<String>,
  // Columns used so that an answer tells their values little by little although they are masked: compared otherwise than by
  // equality with given values, ordered or grouped by, or fed to what fails for some values and not for others.
  columnsProbed: Set<String>,
  classesProbed: Set<String>,
  // Given values that classified columns are compared with for equality, all together.
  testedValues: Long,
  // Of the whole statement.
  functions: Set<String>,
  objectCount: Long,
  // A write without WHERE, or with one that holds for every row.
  unbounded: Bool,
  // The grammar was understood but the effect was not (unknown function, dynamic SQL, procedural body …).
  opaque: Bool,
  dynamic: Bool,
  multiStatement: Bool,
  inTransaction: Bool,
};
type Document = {
  // The command's name, e.g. "find", "aggregate", "updateMany", and the stages of a pipeline.
  command: String,
  stages: Set<String>,
  fieldsRead: Set<String>,
  fieldsWritten: Set<String>,
  fieldsFiltered: Set<String>,
  classesRead: Set<String>,
  classesFiltered: Set<String>,
  classesWritten: Set<String>,
  // A write whose filter holds for every document.
  unbounded: Bool,
  // JavaScript in a query or a pipeline, mapReduce, or an operator of unknown effect.
  opaque: Bool,
  inTransaction: Bool,
};
type KeyValue = {
  // The command's name, e.g. "GET", "EVAL".
  command: String,
  keyCount: Long,
  // All keys of a space or of the store.
  unbounded: Bool,
  opaque: Bool,
  inTransaction: Bool,
};
type Http = {
  method: String,
  host: String,
  // The path as sent, decoded once, without the query.
  path: String,
  queryNames: Set<String>,
  headerNames: Set<String>,
  contentType: String,
  bodyBytes: Long,
  // Data classes found in what is sent.
  classesSent: Set<String>,
  // A body or operation that was not understood.
  opaque: Bool,
};
type Shell = {
  // The account on the host, and whether the command takes more rights (sudo, su, doas).
  account: String,
  elevated: Bool,
  // Every program of the line, pipes and substitutions included.
  programs: Set<String>,
  filesRead: Set<String>,
  filesWritten: Set<String>,
  // Other machines that the line names.
  hosts: Set<String>,
  interactive: Bool,
  // Text that is made while it runs (eval, sh -c of a variable), or a program of unknown effect.
  dynamic: Bool,
  opaque: Bool,
};
type Kube = {
  verb: String,
  // The API's resource, e.g. "pods", and the part of it, e.g. "exec".
  resource: String,
  subresource?: String,
  fieldsWritten: Set<String>,
  images: Set<String>,
  // The object asks for the host: privileged, hostPath, hostNetwork, hostPID.
  privileged: Bool,
  // deletecollection, or a selector that holds for everything.
  unbounded: Bool,
  dryRun: Bool,
};
type Call = {
  // The names of the arguments, with dots for what is inside.
  arguments: Set<String>,
  classesSent: Set<String>,
  paths: Set<String>,
  hosts: Set<String>,
  // Where what is sent came from, as earlier exchanges of the session marked it.
  labels: Set<String>,
  // The tool's definition is not the one that was reviewed.
  changed: Bool,
  opaque: Bool,
};
type Prompted = {
  inputTokens: Long,
  outputTokensMax: Long,
  classesSent: Set<String>,
  // Tools that the model is offered.
  tools: Set<String>,
  labels: Set<String>,
  attachments: Long,
  stream: Bool,
  opaque: Bool,
};
type SqlContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, sql: Sql,
};
type DocumentContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, document: Document,
};
type KeyValueContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, kv: KeyValue,
};
type HttpContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, http: Http,
};
type ShellContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, shell: Shell,
};
type KubeContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, k8s: Kube,
  // Of a command that is run in a container.
  shell?: Shell,
};
type McpContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, call: Call,
  // Of an argument that is a statement, a request or a command line, understood as on its own wire.
  sql?: Sql, document?: Document, http?: Http, shell?: Shell,
};
type LlmContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant, llm: Prompted,
};
type UnmaskContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, grant?: Grant,
  // What holds the value, as its protocol has it: the table and its database, the collection, the endpoint … and the column
  // or field.
  table?: Table, database?: Database, column?: String,
  collection?: Collection, keySpace?: KeySpace, endpoint?: Endpoint, tool?: Tool, mcpResource?: McpResource, model?: Model,
  field?: String,
};
type SessionContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, grant?: Grant,
};

// --- Actions: protocol.class.verb in groups, so one guardrail covers every protocol ------------------------------
action "read";
action "write";
action "destroy" in ["write"];
action "ddl" in ["write"];
action "admin" in ["write"];
action "exec";
action "egress";

action "session.open" appliesTo {
  principal: [User, Agent, Workload],
  resource: [Database, DocumentStore, KeyStore, Api, Host, Cluster, McpServer, ModelProvider],
  context: SessionContext
};

// --- SQL -----------------------------------------------------------------------------------------------------
action "sql.read" in ["read"];
action "sql.write" in ["write"];
action "sql.ddl" in ["ddl"];
action "sql.admin" in ["admin"];

action "sql.read.select" in ["sql.read"] appliesTo { principal: [User, Agent, Workload], resource: [Table], context: SqlContext };
// A statement that touches no table: SELECT 1, SHOW, BEGIN, COMMIT, SET of a harmless setting.
action "sql.read.session" in ["sql.read"] appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SqlContext };
// Rows leave in bulk (COPY TO STDOUT).
action "sql.read.export" in ["sql.read", "egress"] appliesTo { principal: [User, Agent, Workload], resource: [Table, Database], context: SqlContext };
action "sql.read.explain" in ["sql.read"] appliesTo { principal: [User, Agent, Workload], resource: [Table, Database], context: SqlContext };
action "sql.read.listen" in ["sql.read"] appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SqlContext };
action "sql.write.insert" in ["sql.write"] appliesTo { principal: [User, Agent, Workload], resource: [Table], context: SqlContext };
action "sql.write.update" in ["sql.write"] appliesTo { principal: [User, Agent, Workload], resource: [Table], context: SqlContext };
action "sql.write.delete" in ["sql.write"] appliesTo { principal: [User, Agent, Workload], resource: [Table], context: SqlContext };
action "sql.write.import" in ["sql.write"] appliesTo { principal: [User, Agent, Workload], resource: [Table], context: SqlContext };
action "sql.write.lock" in ["sql.write"] appliesTo { principal: [User, Agent, Workload], resource: [Table], context: SqlContext };
action "sql.write.notify" in ["sql.write"] appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SqlContext };
action "sql.destroy.truncate" in ["sql.write", "destroy"] appliesTo { principal: [User, Agent, Workload], resource: [Table], context: SqlContext };
action "sql.destroy.drop" in ["sql.ddl", "destroy"] appliesTo { principal: [User, Agent, Workload], resource: [Table, Schema, Database, Function], context: SqlContext };
action "sql.ddl.create" in ["sql.ddl"] appliesTo { principal: [User, Agent, Workload], resource: [Table, Schema, Database, Function], context: SqlContext };
action "sql.ddl.alter" in ["sql.ddl"] appliesTo { principal: [User, Agent, Workload], resource: [Table, Schema, Database, Function], context: SqlContext };
// Roles, rights, settings that change meaning or reach, server files, replication, maintenance.
action "sql.admin.role" in ["sql.admin"] appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SqlContext };
action "sql.admin.setting" in ["sql.admin"] appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SqlContext };
action "sql.admin.server" in ["sql.admin"] appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SqlContext };
action "sql.admin.maintain" in ["sql.admin"] appliesTo { principal: [User, Agent, Workload], resource: [Table, Database], context: SqlContext };
// A function is called whose effect is not known to be read-only.
action "sql.exec.call" in ["exec"] appliesTo { principal: [User, Agent, Workload], resource: [Function], context: SqlContext };
// What could not be understood. Nothing but an explicit permit on this action lets it through.
action "sql.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SqlContext };

// --- Documents (MongoDB) -------------------------------------------------------------------------------------
action "document.read" in ["read"];
action "document.write" in ["write"];
action "document.read.find", "document.read.aggregate", "document.read.count", "document.read.distinct", "document.read.explain" in ["document.read"] appliesTo { principal: [User, Agent, Workload], resource: [Collection], context: DocumentContext };
// Names of databases and collections; commands that touch no collection.
action "document.read.list", "document.read.session" in ["document.read"] appliesTo { principal: [User, Agent, Workload], resource: [DocumentStore], context: DocumentContext };
// A change stream.
action "document.read.watch" in ["document.read", "egress"] appliesTo { principal: [User, Agent, Workload], resource: [Collection, DocumentStore], context: DocumentContext };
action "document.write.insert", "document.write.update", "document.write.delete" in ["document.write"] appliesTo { principal: [User, Agent, Workload], resource: [Collection], context: DocumentContext };
action "document.destroy.drop" in ["document.write", "destroy"] appliesTo { principal: [User, Agent, Workload], resource: [Collection, DocumentStore], context: DocumentContext };
// Collections, views, indexes, validators.
action "document.ddl.create", "document.ddl.alter" in ["ddl"] appliesTo { principal: [User, Agent, Workload], resource: [Collection, DocumentStore], context: DocumentContext };
action "document.admin.role", "document.admin.server" in ["admin"] appliesTo { principal: [User, Agent, Workload], resource: [DocumentStore], context: DocumentContext };
action "document.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [DocumentStore], context: DocumentContext };

// --- Keys and values (Redis) ---------------------------------------------------------------------------------
action "kv.read" in ["read"];
action "kv.write" in ["write"];
action "kv.read.get" in ["kv.read"] appliesTo { principal: [User, Agent, Workload], resource: [KeySpace], context: KeyValueContext };
// Keys by pattern.
action "kv.read.scan" in ["kv.read", "egress"] appliesTo { principal: [User, Agent, Workload], resource: [KeySpace, KeyStore], context: KeyValueContext };
action "kv.read.session" in ["kv.read"] appliesTo { principal: [User, Agent, Workload], resource: [KeyStore], context: KeyValueContext };
action "kv.read.subscribe" in ["kv.read"] appliesTo { principal: [User, Agent, Workload], resource: [KeySpace], context: KeyValueContext };
action "kv.write.set", "kv.write.delete", "kv.write.publish" in ["kv.write"] appliesTo { principal: [User, Agent, Workload], resource: [KeySpace], context: KeyValueContext };
action "kv.destroy.flush" in ["kv.write", "destroy"] appliesTo { principal: [User, Agent, Workload], resource: [KeyStore], context: KeyValueContext };
action "kv.exec.script" in ["exec"] appliesTo { principal: [User, Agent, Workload], resource: [KeyStore], context: KeyValueContext };
action "kv.admin.role", "kv.admin.server" in ["admin"] appliesTo { principal: [User, Agent, Workload], resource: [KeyStore], context: KeyValueContext };
action "kv.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [KeyStore], context: KeyValueContext };

// --- HTTP: REST, GraphQL, gRPC -------------------------------------------------------------------------------
action "http.read" in ["read"];
action "http.write" in ["write"];
// get: a safe method. query: a read that its operation proves, e.g. a GraphQL query.
action "http.read.get", "http.read.query" in ["http.read"] appliesTo { principal: [User, Agent, Workload], resource: [Endpoint], context: HttpContext };
// Events and WebSockets.
action "http.read.stream" in ["http.read"] appliesTo { principal: [User, Agent, Workload], resource: [Endpoint], context: HttpContext };
action "http.write.create", "http.write.update", "http.write.mutate" in ["http.write"] appliesTo { principal: [User, Agent, Workload], resource: [Endpoint], context: HttpContext };
action "http.destroy.delete" in ["http.write", "destroy"] appliesTo { principal: [User, Agent, Workload], resource: [Endpoint], context: HttpContext };
// A call of unknown effect: gRPC, POST to an operation that nothing describes.
action "http.exec.call" in ["exec"] appliesTo { principal: [User, Agent, Workload], resource: [Endpoint], context: HttpContext };
action "http.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [Api], context: HttpContext };

// --- SSH and SFTP --------------------------------------------------------------------------------------------
action "ssh.exec.command", "ssh.exec.shell" in ["exec"] appliesTo { principal: [User, Agent, Workload], resource: [Host], context: ShellContext };
action "ssh.read.list" in ["read"] appliesTo { principal: [User, Agent, Workload], resource: [File, Host], context: ShellContext };
action "ssh.read.download" in ["read", "egress"] appliesTo { principal: [User, Agent, Workload], resource: [File], context: ShellContext };
action "ssh.write.upload", "ssh.write.change" in ["write"] appliesTo { principal: [User, Agent, Workload], resource: [File], context: ShellContext };
action "ssh.destroy.remove" in ["destroy"] appliesTo { principal: [User, Agent, Workload], resource: [File], context: ShellContext };
// A tunnel, either way.
action "ssh.egress.forward" in ["egress"] appliesTo { principal: [User, Agent, Workload], resource: [Host], context: ShellContext };
// The command takes more rights than the account has.
action "ssh.admin.escalate" in ["admin"] appliesTo { principal: [User, Agent, Workload], resource: [Host], context: ShellContext };
action "ssh.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [Host], context: ShellContext };

// --- Kubernetes ----------------------------------------------------------------------------------------------
action "k8s.read" in ["read"];
action "k8s.write" in ["write"];
action "k8s.read.get", "k8s.read.list", "k8s.read.watch" in ["k8s.read"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject, Namespace, Cluster], context: KubeContext };
action "k8s.read.log" in ["k8s.read", "egress"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject], context: KubeContext };
// Secrets, and tokens of service accounts.
action "k8s.read.secret" in ["k8s.read", "egress"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject, Namespace, Cluster], context: KubeContext };
action "k8s.write.create", "k8s.write.update", "k8s.write.scale" in ["k8s.write"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject, Namespace, Cluster], context: KubeContext };
action "k8s.destroy.delete" in ["k8s.write", "destroy"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject, Namespace, Cluster], context: KubeContext };
action "k8s.exec.command", "k8s.exec.attach" in ["exec"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject], context: KubeContext };
// port-forward and proxy.
action "k8s.egress.forward" in ["egress"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject], context: KubeContext };
action "k8s.admin.role", "k8s.admin.node", "k8s.admin.impersonate" in ["admin"] appliesTo { principal: [User, Agent, Workload], resource: [KubeObject, Namespace, Cluster], context: KubeContext };
action "k8s.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [Cluster], context: KubeContext };

// --- MCP: a call takes the class of its tool -----------------------------------------------------------------
action "mcp.read.list" in ["read"] appliesTo { principal: [User, Agent, Workload], resource: [McpServer], context: McpContext };
action "mcp.read.prompt" in ["read"] appliesTo { principal: [User, Agent, Workload], resource: [Prompt], context: McpContext };
action "mcp.read.resource" in ["read"] appliesTo { principal: [User, Agent, Workload], resource: [McpResource], context: McpContext };
action "mcp.read.call" in ["read"] appliesTo { principal: [User, Agent, Workload], resource: [Tool], context: McpContext };
action "mcp.write.call" in ["write"] appliesTo { principal: [User, Agent, Workload], resource: [Tool], context: McpContext };
action "mcp.destroy.call" in ["destroy"] appliesTo { principal: [User, Agent, Workload], resource: [Tool], context: McpContext };
action "mcp.admin.call" in ["admin"] appliesTo { principal: [User, Agent, Workload], resource: [Tool], context: McpContext };
action "mcp.exec.call" in ["exec"] appliesTo { principal: [User, Agent, Workload], resource: [Tool], context: McpContext };
action "mcp.egress.call" in ["egress"] appliesTo { principal: [User, Agent, Workload], resource: [Tool], context: McpContext };
// The server asks the client: its model, or its person.
action "mcp.egress.sample", "mcp.egress.elicit" in ["egress"] appliesTo { principal: [User, Agent, Workload], resource: [McpServer], context: McpContext };
action "mcp.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [McpServer], context: McpContext };

// --- Language models: what is sent leaves --------------------------------------------------------------------
action "llm.read.list" in ["read"] appliesTo { principal: [User, Agent, Workload], resource: [ModelProvider], context: LlmContext };
action "llm.egress.complete", "llm.egress.embed" in ["egress"] appliesTo { principal: [User, Agent, Workload], resource: [Model], context: LlmContext };
action "llm.egress.upload" in ["egress"] appliesTo { principal: [User, Agent, Workload], resource: [ModelProvider], context: LlmContext };
action "llm.write.tune" in ["write", "egress"] appliesTo { principal: [User, Agent, Workload], resource: [Model, ModelProvider], context: LlmContext };
action "llm.destroy.delete" in ["destroy"] appliesTo { principal: [User, Agent, Workload], resource: [Model, ModelProvider], context: LlmContext };
action "llm.opaque" in ["exec", "admin"] appliesTo { principal: [User, Agent, Workload], resource: [ModelProvider], context: LlmContext };

// --- All protocols -------------------------------------------------------------------------------------------
action "unmask" appliesTo { principal: [User, Agent, Workload], resource: [DataClass], context: UnmaskContext };
`;
