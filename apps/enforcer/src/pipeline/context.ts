import { type EntityUid, entityUid, type Grant, type Value, value } from "@sluice/policy-engine";
import type { Access, StatementFacts } from "../languages/facts.ts";
import type { ClientFacts } from "../protocols/protocol.ts";
import { type ClassifiedColumn, covered, type ResourceClasses } from "./classes.ts";

/** People's answer to a held exchange, as policy reads it. */
export interface ApprovalFact {
  readonly id: string;
  readonly workflows: readonly string[];
  readonly approverIds: readonly string[];
}

const strings = (items: Iterable<string>): Value => value.set([...items].map((item) => value.string(item)));
/** A judgement is made for a whole second and used until it is over: what it is made with must hold that long. */
export const JUDGED_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** The fields that every context has (`Common` of the schema). */
export function commonFields(
  nowMs: number,
  client: ClientFacts,
  approval: ApprovalFact | undefined,
): Record<string, Value> {
  const minutes = Math.floor(nowMs / MINUTE_MS);
  // 1970-01-01 was a Thursday, ISO weekday 4
  const weekday = ((Math.floor(minutes / DAY_MINUTES) + 3) % 7) + 1;
  return {
    now: value.datetime(nowMs),
    minuteOfDay: value.long(minutes % DAY_MINUTES),
    weekday: value.long(weekday),
    client: value.record({
      ...clientAddress(client.ip),
      application: value.string(client.application),
      tls: value.bool(true),
    }),
    ...(approval ? { approval: approvalRecord(approval) } : {}),
  };
}

/** The same fields of a pair that a grant covers. */
export function withGrant(common: Record<string, Value>, grant: Grant | undefined): Record<string, Value> {
  return grant === undefined ? common : { ...common, grant: value.entity(grant.uid) };
}

/** Left out when it is not an address: a policy that reads it then fails to evaluate, and doubt denies. */
function clientAddress(text: string): Record<string, Value> {
  const ip = value.tryIp(text.replace(/^::ffff:/, "").replace(/%.*$/, ""));
  return ip === undefined ? {} : { ip };
}

function approvalRecord({ approverIds, id, workflows }: ApprovalFact): Value {
  return value.record({
    id: value.string(id),
    workflows: strings(workflows),
    approvers: value.set(approverIds.map((approver) => value.entity(entityUid("User", approver)))),
  });
}

/** The context of one (action, object) pair (`SqlContext`). */
export function sqlContext(
  common: Record<string, Value>,
  facts: StatementFacts,
  access: Access,
  classes: ResourceClasses,
  inTransaction: boolean,
): Value {
  const names = (columns: readonly string[]) =>
    strings(new Set(covered(classes, access.object, columns).map(({ dataClass }) => dataClass)));
  return value.record({
    ...common,
    sql: value.record({
      command: value.string(facts.command),
      columnsRead: strings(access.columnsRead),
      columnsWritten: strings(access.columnsWritten),
      columnsFiltered: strings(access.columnsFiltered),
      classesRead: names(access.columnsRead),
      classesFiltered: names(access.columnsFiltered),
      classesWritten: names(access.columnsWritten),
      columnsProbed: strings(access.columnsProbed ?? []),
      classesProbed: names(access.columnsProbed ?? []),
      testedValues: value.long(testedValues(access, classes)),
      functions: strings(facts.functions),
      objectCount: value.long(facts.accesses.length),
      unbounded: value.bool(facts.unbounded),
      opaque: value.bool(facts.opaque || facts.unparsed),
      dynamic: value.bool(facts.dynamic),
      multiStatement: value.bool(facts.multiStatement),
      inTransaction: value.bool(inTransaction),
    }),
  });
}

/** How many given values an access compares classified columns with. */
export function testedValues({ columnsTested, object }: Access, classes: ResourceClasses): number {
  let values = 0;
  for (const [column, tested] of Object.entries(columnsTested ?? {})) {
    if (covered(classes, object, [column]).length > 0) values += tested;
  }
  return values;
}

/** The context of `unmask` (`UnmaskContext`). */
export function unmaskContext(
  common: Record<string, Value>,
  column: ClassifiedColumn,
  table: EntityUid,
  database: EntityUid,
): Value {
  return value.record({
    ...common,
    table: value.entity(table),
    database: value.entity(database),
    column: value.string(column.column),
  });
}
