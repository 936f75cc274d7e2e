import type { TargetSession } from "@sluice/bundle";
import { assertNever, err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { TrustedQueries } from "./trusted-query.ts";
import type { UpstreamConnection } from "./upstream.ts";

/**
 * Whether the server recovers (a standby), and whether its sessions are read-only by its own or the role's configuration:
 * what a client's startup packet says of itself does not count. Qualified throughout: the session's search_path may be
 * the client's.
 */
const ROLE_QUERY = `SELECT pg_catalog.pg_is_in_recovery(), s.setting, s.source FROM pg_catalog.pg_settings s
 WHERE s.name OPERATOR(pg_catalog.=) 'default_transaction_read_only'`;

/** Checks that a fresh connection leads to a server of the wished role; ends it otherwise, and when it does not tell in time. */
export async function fitFor(
  target: TargetSession,
  connection: UpstreamConnection,
  timeoutMs: number,
): Promise<Result<true, TaggedError<"upstream.unfit" | "upstream.unreachable">>> {
  if (target === "any") return ok(true);
  const timer = setTimeout(() => connection.stream.destroy(), timeoutMs);
  const queries = new TrustedQueries(connection);
  try {
    const [row] = await queries.query(ROLE_QUERY);
    const standby = row?.[0] !== "f";
    const readOnly = standby || (row?.[1] === "on" && row[2] !== "client");
    const problem = problemOf(target, standby, readOnly);
    if (problem === undefined) return ok(true);
    queries.close();
    return err(taggedError("upstream.unfit", problem, { retry: "later" }));
  } catch (cause) {
    connection.stream.destroy();
    const internal = cause instanceof Error ? cause.message : String(cause);
    const text = "it did not say whether it is a primary or a standby";
    return err(taggedError("upstream.unreachable", text, { internal, retry: "later" }));
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(target: TargetSession, standby: boolean, readOnly: boolean): string | undefined {
  switch (target) {
    case "any":
      return undefined;
    case "primary":
      return standby ? "it is a standby" : undefined;
    case "standby":
    case "prefer-standby":
      return standby ? undefined : "it is a primary";
    case "read-write":
      return readOnly ? (standby ? "it is a standby" : "its sessions are read-only") : undefined;
    case "read-only":
      return readOnly ? undefined : "its sessions are read-write";
    default:
      return assertNever(target);
  }
}
