import { createHash } from "node:crypto";
import type { BundleResource } from "@sluice/bundle";
import type { LedgerRecord } from "@sluice/ledger";
import type { Obligations } from "@sluice/policy-engine";
import type { ClientIdentity, NamedPrincipal } from "../identity/identity.ts";
import type { StatementFacts } from "../languages/facts.ts";
import type { ClientFacts } from "../protocols/protocol.ts";
import type { RecordDraft } from "../recorder/recorder.ts";
import type { Decision } from "./decision.ts";

/** What all records of one session share; frozen, so that the recorder writes it once. */
export type SessionPart = Pick<RecordDraft, "sessionId" | "principals" | "client" | "resource">;

/** What all records of one judged request share; frozen likewise. */
export type RequestPart = Pick<
  RecordDraft,
  "statement" | "statementDigest" | "facts" | "verdict" | "reason" | "advice" | "decisions" | "obligations"
>;

const STATEMENT_CHARS_MAX = 65_536;
const LIST_MAX = 200;

/** The session's part. */
export function sessionPart(
  sessionId: string,
  identity: ClientIdentity,
  client: ClientFacts,
  resource: BundleResource,
): SessionPart {
  return {
    sessionId,
    principals: deepFreeze(principalsOf(identity)),
    client: Object.freeze({ ip: client.ip, application: client.application, protocol: client.protocol }),
    resource: Object.freeze({ id: resource.id, name: resource.name, kind: resource.kind }),
  };
}

/** The chain: who acts, then for whom. */
export function principalsOf(identity: ClientIdentity): LedgerRecord["principals"] {
  const chain = [identity.principal, ...(identity.onBehalfOf ? [identity.onBehalfOf] : [])];
  return chain.map((principal) => ({ type: typeOf(principal), id: principal.uid.id, name: principal.name }));
}

function typeOf({ uid }: NamedPrincipal): "User" | "Agent" | "Workload" {
  return uid.type === "Agent" || uid.type === "Workload" ? uid.type : "User";
}

/** The text as it is recorded: cut, with the digest of the whole. */
export function textPart(text: string): Pick<RequestPart, "statement" | "statementDigest"> {
  return {
    statement: text.slice(0, STATEMENT_CHARS_MAX),
    statementDigest: createHash("sha256").update(text).digest("hex"),
  };
}

/** The request's part. */
export function requestPart(text: string, statements: readonly StatementFacts[], decision: Decision): RequestPart {
  const { denial, kind } = decision;
  const hides = decision.masks.some((demand) => demand !== undefined);
  return {
    ...textPart(text),
    facts: deepFreeze(factsPart(statements, decision.classes)),
    verdict: kind === "allow" && hides ? "mask" : kind,
    ...(denial ? { reason: `${denial.policyId}: ${denial.reason}` } : {}),
    ...(denial?.hint ? { advice: denial.hint } : {}),
    decisions: decisionsPart(decision),
    ...(kind === "deny" ? {} : { obligations: deepFreeze(obligationsPart(decision.obligations)) }),
  };
}

const decisionParts = new WeakMap<Decision, LedgerRecord["decisions"]>();

/** One frozen list per decision, which texts of one shape share: the recorder writes it once. */
function decisionsPart(decision: Decision): LedgerRecord["decisions"] {
  const known = decisionParts.get(decision);
  if (known) return known;
  const part = deepFreeze(decision.decisions.slice(0, LIST_MAX));
  decisionParts.set(decision, part);
  return part;
}

/** Facts as they stand on records and approvals. */
export function factsPart(
  statements: readonly StatementFacts[],
  classes: readonly string[],
): NonNullable<LedgerRecord["facts"]> {
  const reads = new Set<string>();
  const writes = new Set<string>();
  const functions = new Set<string>();
  const flags = new Set<string>();
  for (const facts of statements) {
    for (const { action, object } of facts.accesses) {
      if (object.kind !== "table") continue;
      (action.startsWith("sql.read") ? reads : writes).add(`${object.schema}.${object.name}`);
    }
    for (const name of facts.functions) functions.add(name);
    for (const flag of ["unparsed", "opaque", "dynamic", "unbounded", "multiStatement"] as const)
      if (facts[flag]) flags.add(flag);
  }
  const bounded = (items: Set<string>) => [...items].slice(0, LIST_MAX);
  return {
    command: statements
      .map(({ command }) => command)
      .slice(0, 8)
      .join("; "),
    reads: bounded(reads),
    writes: bounded(writes),
    functions: bounded(functions),
    classes: [...classes],
    flags: bounded(flags),
  };
}

function obligationsPart(obligations: Obligations): Record<string, unknown> {
  const { masks, ...rest } = obligations;
  const plain: Record<string, unknown> = { ...rest };
  if (masks.size > 0) plain.masks = Object.fromEntries(masks);
  return plain;
}

function deepFreeze<T>(item: T): T {
  if (typeof item !== "object" || item === null || Object.isFrozen(item)) return item;
  for (const inner of Object.values(item)) deepFreeze(inner);
  return Object.freeze(item);
}
