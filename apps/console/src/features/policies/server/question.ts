import { compilePolicies, type PolicyTexts, preparePolicies } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, unwrap } from "@sluice/kernel";
import {
  coveringGrant,
  createSnapshot,
  type DecisionRequest,
  type EntityInput,
  type EntitySnapshot,
  type EntityUid,
  entityFromCedarJson,
  entityUid,
  grantsOf,
  load,
  type PolicyEngine,
  type Value,
  value,
} from "@sluice/policy-engine";
import type { z } from "zod";
import { invalid, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import { gatherEntities } from "../../bundles/index.ts";
import type { explainInputSchema, whoCanInputSchema } from "../question-schemas.ts";

type Asked = z.infer<typeof whoCanInputSchema>;

/** A question made ready to be put about anybody. */
export interface Question {
  readonly engine: PolicyEngine;
  readonly texts: PolicyTexts;
  /** with the grant that covers them now, as an enforcer would put it */
  readonly requestOf: (principal: EntityUid, onBehalfOf: EntityUid | undefined) => DecisionRequest;
}

/** Reads the org's entities and policies (or the candidate's) and makes the question's resource and context. */
export async function prepareQuestion(
  scope: OrgScope,
  asked: Asked,
  nowMs: number,
): Promise<Result<Question, TaggedError>> {
  const known = await readKnown(scope, asked);
  if (!known.ok) return known;
  const { texts, entities, workflowApprovers } = known.value;
  await preparePolicies(texts);
  const compiled = compilePolicies(texts);
  if (!compiled.ok) return err(invalid("The policies have errors: correct them first."));
  const engine = load(compiled.value);
  if (!engine.ok) return engine;
  const resource = entityUid(asked.resource.type, asked.resource.id);
  if (!entities.has(resource)) return err(notFound(asked.resource.type.toLowerCase()));
  const action = entityUid("Action", asked.action);
  if (!entities.has(action)) return err(notFound("action"));
  const fields = contextFields(asked, nowMs, workflowApprovers);
  const held = asked.action === "unmask" ? entityUid("Table", asked.assume.table ?? "") : resource;
  const requestOf = (principal: EntityUid, onBehalfOf: EntityUid | undefined): DecisionRequest => {
    const on = { action, resource: held, entities, fromMs: nowMs, untilMs: nowMs + 1 };
    const grant = coveringGrant(grantsOf(entities, onBehalfOf ?? principal), on);
    const context = value.record({ ...fields, ...(grant ? { grant: value.entity(grant.uid) } : {}) });
    return { principal, onBehalfOf, action, resource, context, entities };
  };
  return ok({ engine: engine.value, texts, requestOf });
}

async function readKnown(
  scope: OrgScope,
  asked: Asked,
): Promise<
  Result<{ texts: PolicyTexts; entities: EntitySnapshot; workflowApprovers: readonly string[] }, TaggedError>
> {
  return scope.data.tx(async (tx) => {
    const texts = asked.sets ?? (await tx.policyVersion.findFirst({ orderBy: { version: "desc" } }));
    if (!texts) return err(notFound("published policy"));
    const database = databaseOf(asked.resource) ?? (asked.assume.table ?? "").split("/")[0] ?? "";
    const found = await tx.resource.findFirst({ where: { name: database }, include: { site: true } });
    const site = found?.site ?? (await tx.site.findFirst({ orderBy: { slug: "asc" } }));
    if (!site) return err(notFound("site"));
    const place = { orgId: scope.org.id, orgSlug: scope.org.slug, siteId: site.id, siteSlug: site.slug };
    const stored = await gatherEntities(tx, place, new Date());
    const classes = await classesOfTable(
      tx,
      asked.resource.type === "Table" ? asked.resource.id : (asked.assume.table ?? ""),
    );
    const inputs = stored.map((entity) => unwrap(entityFromCedarJson(entity)));
    const approvers = await tx.member.findMany({
      where: { role: "approver", status: "active" },
      select: { handle: true },
    });
    return ok({
      texts,
      entities: createSnapshot([...inputs, ...objectEntities(asked, classes)]),
      workflowApprovers: approvers.map(({ handle }) => handle),
    });
  });
}

/** The classes set on a table's columns, as its entity carries them when a real statement is decided. */
async function classesOfTable(tx: OrgTx, table: string): Promise<readonly string[]> {
  const [, resource = "", schemaName = "", tableName = ""] = /^([^/]+)\/([^.]+)\.(.+)$/.exec(table) ?? [];
  const columns = await tx.columnClass.findMany({
    where: { schemaName, tableName, resource: { name: resource } },
    include: { dataClass: true },
  });
  return [...new Set(columns.map(({ dataClass }) => dataClass.name))].sort();
}

/** The database that an object's id begins with: `shop` of `shop/public.customers`. */
function databaseOf(resource: Asked["resource"]): string | undefined {
  return resource.type === "DataClass" ? undefined : resource.id.split("/")[0];
}

/** Schemas, tables and functions are entities only while a decision is made: here, the ones that are asked about. */
function objectEntities(asked: Asked, classes: readonly string[]): EntityInput[] {
  const { type, id } = asked.resource;
  const tables = [type === "Table" ? id : undefined, asked.assume.table].flatMap((table) => table ?? []);
  const named = [
    ...tables.map((table) => ["Table", table] as const),
    ...(type === "Function" ? [["Function", id] as const] : []),
  ];
  const schemas = new Set(type === "Schema" ? [id] : []);
  const objects = named.map(([kind, object]) => {
    const schema = schemaIdOf(object);
    schemas.add(schema);
    const attrs = {
      name: value.string(object.slice(schema.length + 1)),
      schema: value.string(schema.split("/")[1] ?? ""),
    };
    const more =
      kind === "Table"
        ? { kind: value.string("table"), classes: value.set(classes.map(value.string)) }
        : { volatility: value.string("volatile") };
    return { uid: entityUid(kind, object), attrs: { ...attrs, ...more }, parents: [entityUid("Schema", schema)] };
  });
  const parents = [...schemas].map((schema) => ({
    uid: entityUid("Schema", schema),
    attrs: { name: value.string(schema.split("/")[1] ?? schema) },
    parents: [entityUid("Database", schema.split("/")[0] ?? "")],
  }));
  return [...objects, ...parents];
}

/** `shop/public` of `shop/public.customers`. */
function schemaIdOf(object: string): string {
  const slash = object.indexOf("/");
  const dot = object.indexOf(".", slash);
  return dot < 0 ? object : object.slice(0, dot);
}

const MINUTES_PER_DAY = 1_440;

function contextFields(asked: Asked, nowMs: number, approvers: readonly string[]): Record<string, Value> {
  const now = new Date(nowMs);
  const { assume } = asked;
  const empty = value.set([]);
  const client = { ip: value.ip("127.0.0.1"), application: value.string("console"), tls: value.bool(true) };
  const common = {
    now: value.datetime(nowMs),
    minuteOfDay: value.long((now.getUTCHours() * 60 + now.getUTCMinutes()) % MINUTES_PER_DAY),
    weekday: value.long(now.getUTCDay() === 0 ? 7 : now.getUTCDay()),
    client: value.record(client),
  };
  const approval = {
    id: value.string("assumed"),
    workflows: value.set(assume.approvedWorkflows.map(value.string)),
    approvers: value.set(approvers.map((handle) => value.entity({ type: "User", id: handle }))),
  };
  const approved = assume.approvedWorkflows.length > 0 ? { approval: value.record(approval) } : {};
  if (asked.action === "session.open") return common;
  if (asked.action === "unmask") {
    const table = assume.table ?? "";
    return {
      ...common,
      ...approved,
      table: value.entity({ type: "Table", id: table }),
      database: value.entity({ type: "Database", id: table.split("/")[0] ?? "" }),
      column: value.string(assume.column ?? ""),
    };
  }
  const sql = {
    command: value.string(assume.command ?? asked.action.split(".").at(-1)?.toUpperCase() ?? ""),
    columnsRead: empty,
    columnsWritten: empty,
    columnsFiltered: empty,
    classesRead: value.set(assume.classesRead.map(value.string)),
    classesFiltered: empty,
    classesWritten: empty,
    columnsProbed: empty,
    classesProbed: empty,
    testedValues: value.long(0),
    functions: empty,
    objectCount: value.long(1),
    unbounded: value.bool(assume.unbounded),
    opaque: value.bool(assume.opaque),
    dynamic: value.bool(false),
    multiStatement: value.bool(assume.multiStatement),
    inTransaction: value.bool(assume.inTransaction),
  };
  return { ...common, ...approved, sql: value.record(sql) };
}

/** Whom an agent acts for, as its entity says. */
export async function personBehind(
  scope: OrgScope,
  principal: z.infer<typeof explainInputSchema>["principal"],
): Promise<Result<string | undefined, TaggedError>> {
  return scope.data.tx(async (tx) => {
    const where = { handle: principal.handle, status: "active" };
    if (principal.type === "User") {
      return (await tx.member.findFirst({ where })) ? ok(undefined) : err(notFound("person"));
    }
    const agent = await tx.agent.findFirst({ where, include: { onBehalfOf: true } });
    return agent ? ok(agent.onBehalfOf?.handle) : err(notFound("agent"));
  });
}
