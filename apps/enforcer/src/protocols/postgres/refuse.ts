import { assertNever } from "@sluice/kernel";
import type { Denial } from "../protocol.ts";
import { type ErrorFields, errorResponse, noticeResponse } from "./codec/encode.ts";

/** SQLSTATEs that Sluice itself answers with (Appendix A of the PostgreSQL manual). */
export const SQLSTATE = {
  adminShutdown: "57P01",
  cancelled: "57014",
  cannotConnectNow: "57P03",
  configurationLimit: "53400",
  connectionFailure: "08006",
  diskFull: "53100",
  featureNotSupported: "0A000",
  idleTimeout: "57P05",
  insufficientPrivilege: "42501",
  invalidAuthorization: "28000",
  invalidCatalogName: "3D000",
  invalidPassword: "28P01",
  noSuchPortal: "34000",
  noSuchStatement: "26000",
  programLimit: "54000",
  protocolViolation: "08P01",
  tooManyConnections: "53300",
  syntaxError: "42601",
  undefinedColumn: "42703",
  undefinedFunction: "42883",
  undefinedTable: "42P01",
} as const;

/** An ErrorResponse that leaves the session open. */
export function errorFrame(code: string, message: string, hint?: string): Buffer {
  return errorResponse(fields("ERROR", code, message, hint));
}

/** An ErrorResponse after which the connection closes. */
export function fatalFrame(code: string, message: string, hint?: string): Buffer {
  return errorResponse(fields("FATAL", code, message, hint));
}

/** A NoticeResponse. */
export function noticeFrame(message: string, hint?: string): Buffer {
  return noticeResponse(fields("NOTICE", "00000", message, hint));
}

function fields(severity: string, code: string, message: string, hint: string | undefined): ErrorFields {
  return { S: severity, V: severity, C: code, M: plain(message), ...(hint ? { H: plain(hint) } : {}) };
}

/** What people wrote (an approver's reason) reaches terminals: no control characters, nothing that turns the direction. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, " ");
}

/** The SQLSTATE that a denial is said with. */
export function sqlstateOf(denial: Denial): string {
  switch (denial.kind) {
    case "policy":
    case "approval":
      return SQLSTATE.insufficientPrivilege;
    case "withdrawn":
      return SQLSTATE.cancelled;
    case "unavailable":
      return SQLSTATE.cannotConnectNow;
    case "recorder":
      return SQLSTATE.diskFull;
    case "rate":
      return SQLSTATE.configurationLimit;
    case "time":
      return SQLSTATE.cancelled;
    case "limit":
      return SQLSTATE.programLimit;
    case "unsupported":
      return SQLSTATE.featureNotSupported;
    default:
      return assertNever(denial.kind);
  }
}

const MISTAKES = {
  syntax: SQLSTATE.syntaxError,
  relation: SQLSTATE.undefinedTable,
  function: SQLSTATE.undefinedFunction,
  column: SQLSTATE.undefinedColumn,
} as const;

/** A denial in PostgreSQL's own error form: `Sluice: <policy id>: <reason>` and a HINT, or the mistake as the server says it. */
export function denialFrame(denial: Denial): Buffer {
  const { mistake, position } = denial;
  const own = mistake
    ? fields("ERROR", MISTAKES[mistake.kind], mistake.message, mistake.hint)
    : fields("ERROR", sqlstateOf(denial), `Sluice: ${denial.policyId}: ${denial.reason}`, denial.hint);
  return errorResponse(position === undefined ? own : { ...own, P: String(position) });
}

/** The same for a connection that cannot start or go on. */
export function fatalDenialFrame(denial: Denial): Buffer {
  return fatalFrame(sqlstateOf(denial), `Sluice: ${denial.policyId}: ${denial.reason}`, denial.hint);
}

/** Fields of an upstream's error that can carry row values: detail, context, the internal query. */
const VALUE_FIELDS = new Set(["D", "W", "q", "p"]);
/**
 * Classes whose primary message names objects and limits only, never a value: connections, constraints, transaction and
 * statement states, resources, operators' interventions, missing privileges. Any other may quote what it could not use:
 * `email::regclass` fails with 42P01 and the value, current_setting(email) with 42704.
 */
const CLASSES_WITHOUT_VALUES = /^(08|23|25|26|34|40|53|55|57|42501)/;

/** An upstream's error or notice about a statement that reads hidden columns, without what could carry their values. */
export function withoutValues(original: ErrorFields): ErrorFields {
  const kept = Object.entries(original).filter(([letter]) => !VALUE_FIELDS.has(letter) && letter !== "H");
  const fieldsKept = Object.fromEntries(kept);
  const code = original.C ?? "";
  // With a position and no context it is about the statement's own words, refused before any row was read. With a context
  // it may be about words inside a value: ssn::regtype says `syntax error at or near "330"`.
  const ofTheText = code.startsWith("42") && original.P !== undefined && original.W === undefined;
  // RAISE says what it likes under any code
  const raised = original.R === "exec_stmt_raise";
  if (!raised && (CLASSES_WITHOUT_VALUES.test(code) || ofTheText)) return fieldsKept;
  // where in the server's code it failed tells what it failed at
  const { F: _file, L: _line, R: _routine, ...unplaced } = fieldsKept;
  return { ...unplaced, M: "the upstream's message is withheld by Sluice: it may carry masked values" };
}
