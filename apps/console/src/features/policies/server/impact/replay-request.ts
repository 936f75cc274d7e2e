import { err, ok, type Result } from "@sluice/kernel";
import type { LedgerRecord } from "@sluice/ledger";
import { type DecisionRequest, type EntityUid, entityUid, type Value, value } from "@sluice/policy-engine";
import type { UnreplayableReason } from "../../impact-schemas.ts";
import { objectName, type ReplaySite } from "./replay-entities.ts";

/** What of a record is needed to decide it again. */
export type ReplayRecord = Pick<LedgerRecord, "atMs" | "principals" | "client" | "resource" | "facts" | "decisions">;
type Decision = LedgerRecord["decisions"][number];
type Given = NonNullable<Decision["given"]>;

/** A record keeps this many pairs; one with as many may have had more. */
const DECISIONS_KEPT = 200;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const strings = (items: Iterable<string> = []): Value => value.set([...items].map(value.string));

/**
 * The questions that were put to policy for this record, in their order, with today's entities; or why they cannot be
 * asked again. Call `site.know` with the record's resources first.
 */
export function replayRequests(record: ReplayRecord, site: ReplaySite): Result<DecisionRequest[], UnreplayableReason> {
  if (record.decisions.length === 0) return err("undecided");
  if (record.decisions.length >= DECISIONS_KEPT) return err("incomplete");
  const [actor, behind] = record.principals;
  if (actor === undefined) return err("incomplete");
  const principal = entityUid(actor.type, actor.id);
  const onBehalfOf = behind === undefined ? undefined : entityUid(behind.type, behind.id);
  if (!site.has(principal) || (onBehalfOf !== undefined && !site.has(onBehalfOf))) return err("principal_gone");
  const common = commonFields(record);
  const requests: DecisionRequest[] = [];
  for (const decision of record.decisions) {
    const asked = askedAgain(record, decision, site, common);
    if (!asked.ok) return asked;
    const action = entityUid("Action", decision.action);
    requests.push({ principal, onBehalfOf, action, ...asked.value, entities: site.entities });
  }
  return ok(requests);
}

function askedAgain(
  record: ReplayRecord,
  { action, given, resource: { id, type } }: Decision,
  site: ReplaySite,
  common: Readonly<Record<string, Value>>,
): Result<{ resource: EntityUid; context: Value }, UnreplayableReason> {
  const resource = entityUid(type, id);
  if (type !== "DataClass" && !site.has(entityUid("Database", objectName(id).database))) return err("resource_gone");
  // the grant that covered it then, while the org still holds it
  const grant = given?.grant === undefined ? undefined : entityUid("Grant", given.grant);
  if (grant !== undefined && !site.has(grant)) return err("incomplete");
  const fields = grant === undefined ? common : { ...common, grant: value.entity(grant) };
  if (action === "session.open") return ok({ resource, context: value.record(fields) });
  if (given === undefined) return err("incomplete");
  const context =
    action === "unmask" ? unmaskContext(record, given, fields) : sqlContext(record, id, given, site, fields);
  return context === undefined ? err("incomplete") : ok({ resource, context });
}

function commonFields({ atMs, client }: ReplayRecord): Record<string, Value> {
  // decided for the second it was in
  const nowMs = Math.floor(atMs / 1_000) * 1_000;
  const minutes = Math.floor(nowMs / MINUTE_MS);
  const ip = value.tryIp((client?.ip ?? "").replace(/^::ffff:/, "").replace(/%.*$/, ""));
  return {
    now: value.datetime(nowMs),
    minuteOfDay: value.long(minutes % DAY_MINUTES),
    // 1970-01-01 was a Thursday, ISO weekday 4
    weekday: value.long(((Math.floor(minutes / DAY_MINUTES) + 3) % 7) + 1),
    client: value.record({
      ...(ip === undefined ? {} : { ip }),
      application: value.string(client?.application ?? ""),
      tls: value.bool(true),
    }),
  };
}

function unmaskContext(
  { resource }: ReplayRecord,
  { column, table }: Given,
  common: Readonly<Record<string, Value>>,
): Value | undefined {
  if (column === undefined || table === undefined || resource === undefined) return undefined;
  return value.record({
    ...common,
    table: value.entity({ type: "Table", id: `${resource.name}/${table}` }),
    database: value.entity({ type: "Database", id: resource.name }),
    column: value.string(column),
  });
}

function sqlContext(
  { facts }: ReplayRecord,
  resource: string,
  given: Given,
  site: ReplaySite,
  common: Readonly<Record<string, Value>>,
): Value | undefined {
  const statement = given.statement ?? facts;
  if (statement === undefined) return undefined;
  const { database, name, schema } = objectName(resource);
  const classified = site.database(database)?.classes.get(`${schema}.${name}`) ?? [];
  const classesOf = (columns: readonly string[] = []): Value =>
    strings(
      new Set(
        classified
          .filter(
            ({ column }) => columns.length > 0 && (column === "*" || columns.includes("*") || columns.includes(column)),
          )
          .map(({ dataClass }) => dataClass),
      ),
    );
  const flag = (...names: readonly string[]) => value.bool(names.some((each) => statement.flags.includes(each)));
  return value.record({
    ...common,
    sql: value.record({
      command: value.string(statement.command),
      columnsRead: strings(given.columnsRead),
      columnsWritten: strings(given.columnsWritten),
      columnsFiltered: strings(given.columnsFiltered),
      classesRead: classesOf(given.columnsRead),
      classesFiltered: classesOf(given.columnsFiltered),
      classesWritten: classesOf(given.columnsWritten),
      columnsProbed: strings(given.columnsProbed),
      classesProbed: classesOf(given.columnsProbed),
      testedValues: value.long(given.testedValues ?? 0),
      functions: strings(statement.functions),
      objectCount: value.long(given.objectCount ?? 0),
      unbounded: flag("unbounded"),
      opaque: flag("opaque", "unparsed"),
      dynamic: flag("dynamic"),
      multiStatement: flag("multiStatement"),
      inTransaction: value.bool(given.inTransaction ?? false),
    }),
  });
}
