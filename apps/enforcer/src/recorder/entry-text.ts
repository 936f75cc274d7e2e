import { canonicalJson } from "@sluice/kernel";
import type { LedgerRecord } from "@sluice/ledger";
import type { RecordDraft } from "./recorder.ts";

/** Longest statement text that is kept, in UTF-16 units; its digest covers the whole. */
export const STATEMENT_CHARS_MAX = 65_536;

/** Who writes: stands on every entry. */
export interface EntryOwner {
  readonly orgId: string;
  readonly siteId: string;
  readonly enforcerId: string;
}

// What Postgres' jsonb cannot hold (NUL, lone surrogates) is replaced here once, so that the chained text, the stored
// value and the text made from it again are the same.
function text(value: string): string {
  const safe = value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
  return JSON.stringify(safe.isWellFormed() ? safe : safe.toWellFormed());
}

function count(value: number): string {
  return String(Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0);
}

function list(values: readonly string[]): string {
  return `[${values.map(text).join(",")}]`;
}

export function optional(key: string, value: string | undefined): string {
  return value === undefined ? "" : `,"${key}":${value}`;
}

const fragments = new WeakMap<object, string>();

// Parts that repeat from exchange to exchange (facts, decisions, principals) are written once per object. Only frozen
// ones are kept: an object that can change must be read again. Freeze deeply what is handed in frozen.
function cached<T extends object>(value: T, write: (value: T) => string): string {
  const known = fragments.get(value);
  if (known !== undefined) return known;
  const written = write(value);
  if (Object.isFrozen(value)) fragments.set(value, written);
  return written;
}

type Part<K extends keyof LedgerRecord> = NonNullable<LedgerRecord[K]>;

const writePrincipals = (chain: Part<"principals">) =>
  `[${chain.map(({ id, name, type }) => `{"id":${text(id)},"name":${text(name)},"type":"${type}"}`).join(",")}]`;

const writeClient = ({ application, ip, protocol }: Part<"client">) =>
  `{"application":${text(application)},"ip":${text(ip)},"protocol":${text(protocol)}}`;

const writeResource = ({ id, kind, name }: Part<"resource">) =>
  `{"id":${text(id)},"kind":${text(kind)},"name":${text(name)}}`;

const writeFacts = (facts: Part<"facts">) =>
  `{"classes":${list(facts.classes)},"command":${text(facts.command)},"flags":${list(facts.flags)},` +
  `"functions":${list(facts.functions)},"reads":${list(facts.reads)},"writes":${list(facts.writes)}}`;

const lists = (key: string, values: readonly string[] | undefined) =>
  optional(key, values === undefined ? undefined : list(values));

type Given = NonNullable<Part<"decisions">[number]["given"]>;

function writeGiven(given: Given): string {
  const { objectCount, statement } = given;
  const inner =
    optional("column", words(given.column)) +
    lists("columnsFiltered", given.columnsFiltered) +
    lists("columnsProbed", given.columnsProbed) +
    lists("columnsRead", given.columnsRead) +
    lists("columnsWritten", given.columnsWritten) +
    optional("grant", words(given.grant)) +
    optional("inTransaction", given.inTransaction && "true") +
    optional("objectCount", objectCount === undefined ? undefined : count(objectCount)) +
    optional("statement", statement && writeGivenStatement(statement)) +
    optional("table", words(given.table)) +
    optional("testedValues", given.testedValues === undefined ? undefined : count(given.testedValues));
  return `{${inner.slice(1)}}`;
}

const writeGivenStatement = ({ command, flags, functions }: NonNullable<Given["statement"]>) =>
  `{"command":${text(command)},"flags":${list(flags)},"functions":${list(functions)}}`;

const writeDecision = ({ action, code, given, policies, resource, verdict }: Part<"decisions">[number]) =>
  `{"action":${text(action)}${optional("code", code === undefined ? undefined : text(code))}` +
  `${optional("given", given === undefined ? undefined : writeGiven(given))},"policies":${list(policies)},` +
  `"resource":{"id":${text(resource.id)},"type":${text(resource.type)}},"verdict":"${verdict}"}`;

const writeDecisions = (decisions: Part<"decisions">) => `[${decisions.map(writeDecision).join(",")}]`;

/** An approval as canonical JSON. */
export const writeApproval = ({ approvers, id, outcome }: Part<"approval">) =>
  `{"approvers":${list(approvers)},"id":"${id}","outcome":"${outcome}"}`;

/** Counts by data class as canonical JSON. */
export function writeCells(cells: Readonly<Record<string, number>>): string {
  const parts = Object.keys(cells)
    .sort()
    .map((name) => `${text(name)}:${count(cells[name] ?? 0)}`);
  return `{${parts.join(",")}}`;
}

/** An outcome as canonical JSON. */
export function writeOutcome(outcome: Part<"outcome">): string {
  const error = outcome.error === undefined ? undefined : text(outcome.error);
  const tag = outcome.tag === undefined ? undefined : text(outcome.tag);
  const decideUs = Number.isFinite(outcome.decideUs) && outcome.decideUs > 0 ? outcome.decideUs : 0;
  return (
    `{"bytes":${count(outcome.bytes)},"decideUs":${JSON.stringify(decideUs)},"durationUs":${count(outcome.durationUs)}` +
    `${optional("error", error)},"maskedCells":${writeCells(outcome.maskedCells)},"rows":${count(outcome.rows)},` +
    `"status":"${outcome.status}"${optional("tag", tag)}}`
  );
}

export function part<T extends object>(value: T | undefined, write: (value: T) => string): string | undefined {
  return value === undefined ? undefined : cached(value, write);
}

export function words(value: string | undefined): string | undefined {
  return value === undefined ? undefined : text(value);
}

/** What of a record repeats from exchange to exchange. */
export type RepeatedDraft = Omit<RecordDraft, "id" | "atMs">;

/** The text of a record around its time, its id and its number. */
export interface RecordParts {
  readonly beforeTime: string;
  readonly beforeId: string;
  readonly beforeSeq: string;
  readonly end: string;
}

/**
 * A record as canonical JSON (keys sorted, ended by a line feed) around what differs in each, without a general serialiser
 * on the way: parts that repeat come from a cache.
 */
export function recordParts(draft: RepeatedDraft, owner: EntryOwner): RecordParts {
  const statement = draft.statement?.slice(0, STATEMENT_CHARS_MAX);
  const head = optional("advice", words(draft.advice)) + optional("approval", part(draft.approval, writeApproval));
  return {
    beforeTime: `{${`${head},"atMs":`.slice(1)}`,
    beforeId:
      `,"bundleVersion":${draft.bundleVersion}${optional("change", part(draft.change, canonicalJson))}` +
      `${optional("client", part(draft.client, writeClient))},"decisions":${cached(draft.decisions, writeDecisions)}` +
      `,"enforcerId":"${owner.enforcerId}"${optional("facts", part(draft.facts, writeFacts))},"id":`,
    beforeSeq:
      `,"kind":"${draft.kind}"${optional("obligations", part(draft.obligations, canonicalJson))}` +
      `,"orgId":"${owner.orgId}"${optional("outcome", part(draft.outcome, writeOutcome))}` +
      `,"principals":${cached(draft.principals, writePrincipals)}${optional("reason", words(draft.reason))}` +
      `${optional("resource", part(draft.resource, writeResource))},"seq":`,
    end:
      `${optional("sessionId", words(draft.sessionId))},"siteId":"${owner.siteId}"` +
      `${optional("statement", words(statement))}${optional("statementDigest", words(draft.statementDigest))}` +
      `,"v":1,"verdict":"${draft.verdict}"}\n`,
  };
}
