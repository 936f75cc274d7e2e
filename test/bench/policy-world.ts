import type { PolicyTexts } from "@sluice/bundle/build";
import { createSnapshot, type DecisionRequest, type EntityInput, entityUid, value } from "@sluice/policy-engine";
import { seededRandom } from "./figures.ts";

/** How large the made-up organisation is. */
const GROUPS = 60;
const USERS = 240;
const AGENTS = 80;
const DATABASES = 30;
const SCHEMAS = 4;
const TABLES = 12;

const environments = ["production", "staging", "development"] as const;
const reads = ["sql.read.select", "sql.read.explain", "sql.read.export"] as const;
const writes = ["sql.write.insert", "sql.write.update", "sql.write.delete"] as const;
const actionGroups = ["sql.read", "sql.write", "read", "write", "destroy"] as const;

const user = (at: number) => entityUid("User", `user-${at}`);
const agent = (at: number) => entityUid("Agent", `agent-${at}`);
const group = (at: number) => entityUid("Group", `group-${at}`);
const database = (at: number) => entityUid("Database", `db-${at}`);
const schema = (db: number, at: number) => entityUid("Schema", `db-${db}/s${at}`);
const table = (db: number, sch: number, at: number) => entityUid("Table", `db-${db}/s${sch}.t${at}`);
const environmentOf = (db: number) => environments[db % environments.length] ?? "production";

/** Policies of an organisation: scoped by group, agent, database, schema and environment, a share of them unscoped forbids. */
export function policyTexts(count: number, unscopedShare: number, seed = 11): PolicyTexts {
  const random = seededRandom(seed);
  const guardrails: string[] = [];
  const access: string[] = [];
  const obligations: string[] = [];
  const unscoped = Math.round(count * unscopedShare);
  for (let at = 0; at < count; at += 1) {
    const id = `@id("p${at}")`;
    if (at < unscoped) guardrails.push(`${id} forbid (principal, action, resource) ${unscopedCondition(at, random)};`);
    else if (at % 10 < 6) access.push(`${id} permit (${scope(random)}) ${condition(random)};`);
    else if (at % 10 < 9) guardrails.push(`${id} forbid (${scope(random)}) ${condition(random)};`);
    else obligations.push(`${id} @limit_rows("${100 + random(9_000)}") permit (${scope(random)});`);
  }
  return { guardrails: guardrails.join("\n"), access: access.join("\n"), obligations: obligations.join("\n") };
}

type Random = (below: number) => number;

function scope(random: Random): string {
  const who = [
    () => `principal in Group::"group-${random(GROUPS)}"`,
    () => `principal in Group::"group-${random(GROUPS)}"`,
    () => `principal == Agent::"agent-${random(AGENTS)}"`,
    () => `principal is User in Group::"group-${random(GROUPS)}"`,
  ];
  const what = [
    () => `resource in Database::"db-${random(DATABASES)}"`,
    () => `resource in Database::"db-${random(DATABASES)}"`,
    () => `resource in Schema::"db-${random(DATABASES)}/s${random(SCHEMAS)}"`,
    () => `resource in Environment::"${environments[random(3)]}"`,
  ];
  const action = `action in Action::"${actionGroups[random(actionGroups.length)]}"`;
  return `${who[random(4)]?.()}, ${action}, ${what[random(4)]?.()}`;
}

// The groups contain actions of every protocol: has keeps the policies valid for those without sql.
function condition(random: Random): string {
  const forms = [
    () => "",
    () => "unless { context has sql && context.sql.unbounded }",
    () => `when { context has sql && context.sql.objectCount < ${1 + random(20)} }`,
    () => `when { context.client.ip.isInRange(ip("10.${random(250)}.0.0/16")) }`,
    () => `when { context has sql && context.sql.columnsRead.contains("c${random(30)}") }`,
    () => `when { context has approval && context.approval.workflows.contains("w${random(9)}") }`,
    () => `when { context.minuteOfDay >= ${random(700)} && context.minuteOfDay < ${700 + random(700)} }`,
  ];
  return forms[random(forms.length)]?.() ?? "";
}

// Half begin with a comparison to a literal, half with something that no index can use.
function unscopedCondition(at: number, random: Random): string {
  const forms = [
    () => `when { resource has name && resource.name == "forbidden-${at}" }`,
    () => `when { context.client.application == "app-${at}" }`,
    () => `when { principal in Group::"banned-${at}" }`,
    () => `when { context.client.application like "*tool-${at}*" }`,
    () => `when { context.minuteOfDay < ${-random(100) - 1} }`,
    () => `when { principal.handle like "bot-${at}*" }`,
  ];
  return forms[at % forms.length]?.() ?? "";
}

/** Everything the organisation has. */
export function worldEntities(): EntityInput[] {
  const entities: EntityInput[] = [];
  const add = (uid: EntityInput["uid"], attrs: EntityInput["attrs"], parents: EntityInput["parents"]) =>
    entities.push({ uid, attrs, parents });
  for (let at = 0; at < GROUPS; at += 1) add(group(at), {}, at < 10 ? [] : [group(at % 10)]);
  for (let at = 0; at < USERS; at += 1) {
    const attrs = { handle: `user-${at}`, email: `user-${at}@acme.test`, name: `User ${at}` };
    add(user(at), attrs, [group(at % GROUPS), group((at * 7) % GROUPS)]);
  }
  for (let at = 0; at < AGENTS; at += 1) {
    const attrs = { handle: `agent-${at}`, name: `Agent ${at}`, onBehalfOf: value.entity(user(at * 3)) };
    add(agent(at), attrs, [group((at * 5) % GROUPS), group((at * 11) % GROUPS)]);
  }
  add(entityUid("Org", "acme"), {}, []);
  add(entityUid("Site", "acme/main"), {}, [entityUid("Org", "acme")]);
  for (const environment of environments) add(entityUid("Environment", environment), {}, []);
  for (let db = 0; db < DATABASES; db += 1) {
    const attrs = { name: `db-${db}`, kind: "postgres", environment: environmentOf(db) };
    add(database(db), attrs, [entityUid("Site", "acme/main"), entityUid("Environment", environmentOf(db))]);
    for (let sch = 0; sch < SCHEMAS; sch += 1) {
      add(schema(db, sch), { name: `s${sch}` }, [database(db)]);
      for (let at = 0; at < TABLES; at += 1) {
        const shape = { name: `t${at}`, schema: `s${sch}`, kind: "table", classes: value.set(["email"]) };
        add(table(db, sch, at), shape, [schema(db, sch)]);
      }
    }
  }
  return entities;
}

/** Requests over the organisation, half by people and half by agents for their person, each with about 25 context attributes. */
export function worldRequests(count: number, seed = 23): DecisionRequest[] {
  const random = seededRandom(seed);
  const entities = createSnapshot(worldEntities());
  return Array.from({ length: count }, (_, at): DecisionRequest => {
    const agentAt = random(AGENTS);
    const who =
      at % 2 === 0 ? { principal: user(random(USERS)) } : { principal: agent(agentAt), onBehalfOf: user(agentAt * 3) };
    const verb = random(10) < 8 ? reads[random(3)] : writes[random(3)];
    const resource = table(random(DATABASES), random(SCHEMAS), random(TABLES));
    return {
      ...who,
      action: entityUid("Action", verb ?? "sql.read.select"),
      resource,
      context: context(random),
      entities,
    };
  });
}

function context(random: Random): DecisionRequest["context"] {
  const columns = Array.from({ length: 5 }, () => `c${random(30)}`);
  return value.record({
    now: value.datetime(1_760_000_000_000 + random(1_000_000_000)),
    minuteOfDay: random(1_440),
    weekday: 1 + random(7),
    client: value.record({ ip: value.ip(`10.${random(250)}.3.4`), application: `psql-${random(20)}`, tls: true }),
    approval: value.record({
      id: `a-${random(1_000)}`,
      workflows: value.set([`w${random(9)}`]),
      approvers: value.set([value.entity(user(random(USERS)))]),
    }),
    sql: value.record({
      command: "SELECT",
      columnsRead: value.set(columns),
      columnsWritten: value.set([]),
      columnsFiltered: value.set(columns.slice(0, 2)),
      columnsProbed: value.set(columns.slice(0, 1)),
      classesProbed: value.set([]),
      testedValues: random(30),
      classesRead: value.set(["email"]),
      classesFiltered: value.set([]),
      classesWritten: value.set([]),
      functions: value.set(["pg_catalog.count"]),
      objectCount: 1 + random(25),
      unbounded: random(20) === 0,
      opaque: false,
      dynamic: false,
      multiStatement: false,
      inTransaction: random(2) === 0,
    }),
  });
}
