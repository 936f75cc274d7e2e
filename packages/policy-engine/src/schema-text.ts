/** sluice.cedarschema, embedded so that no reader needs a file system. Written by schema-text.test.ts. */
export const schemaText = `// The vocabulary of every Sluice policy, version 1. Later protocols add entities, actions and context types here;
// the engine's code does not change for them.

// --- Who -----------------------------------------------------------------------------------------------------
entity Org;
entity Site in [Org];
entity Group in [Group];
entity User in [Group] { handle: String, email: String, name: String } tags String;
// An AI agent. With \`onBehalfOf\` every decision is made for the person too, and both must pass.
entity Agent in [Group] { handle: String, name: String, model?: String, onBehalfOf?: User } tags String;
entity Workload in [Group] { handle: String, name: String } tags String;

// --- What ----------------------------------------------------------------------------------------------------
// Where a resource stands: Environment::"production", "staging", "development" … Everything below a database is in it too, so
// one policy on \`resource in Environment::"production"\` covers its schemas, tables and functions.
entity Environment;
// A connected database: the resource an admin sees. It is in the environment that its attribute names.
entity Database in [Site, Environment] { name: String, kind: String, environment: String } tags String;
entity Schema in [Database] { name: String };
// Tables, views, materialized views, foreign tables, sequences: \`kind\` tells which.
entity Table in [Schema] { name: String, schema: String, kind: String, classes: Set<String> };
entity Function in [Schema] { name: String, schema: String, volatility: String };
// A kind of sensitive data, e.g. DataClass::"email". \`unmask\` on it is the right to see it in clear.
entity DataClass { name: String };

// Just-in-time access: data that access policies refer to.
entity Grant { principal: User, resource: Database, actions: Set<String>, startsAt: datetime, endsAt: datetime };

// --- The context of a decision -------------------------------------------------------------------------------
type Approval = { id: String, workflows: Set<String>, approvers: Set<User> };
type Client = { ip: ipaddr, application: String, tls: Bool };
type Common = {
  now: datetime,
  // Minutes since midnight UTC and ISO weekday (Monday is 1), so that working hours need no arithmetic.
  minuteOfDay: Long,
  weekday: Long,
  client: Client,
  approval?: Approval,
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
type SqlContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval, sql: Sql,
};
type UnmaskContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client, approval?: Approval,
  // The table that holds the column; its ancestors are the schema and the database.
  table: Table, database: Database, column: String,
};
type SessionContext = {
  now: datetime, minuteOfDay: Long, weekday: Long, client: Client,
};

// --- Actions: protocol.class.verb in groups, so one guardrail covers every protocol ------------------------------
action "read";
action "write";
action "destroy" in ["write"];
action "ddl" in ["write"];
action "admin" in ["write"];
action "exec";
action "egress";

action "session.open" appliesTo { principal: [User, Agent, Workload], resource: [Database], context: SessionContext };

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

action "unmask" appliesTo { principal: [User, Agent, Workload], resource: [DataClass], context: UnmaskContext };
`;
