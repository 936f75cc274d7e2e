import type { BundleResource, TargetSession } from "@sluice/bundle";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { Logger } from "@sluice/telemetry";
import { nameOf, type UpstreamAddress, type UpstreamHosts } from "../../upstream/hosts.ts";
import type { Dial, UpstreamSecrets } from "../protocol.ts";
import { fitFor } from "./server-role.ts";
import { openUpstream, POSTGRES_TLS_OPENING, type UpstreamConnection, type UpstreamError } from "./upstream.ts";

/** Why no host of a resource could be used; the internal text has each host's own reason. */
export type ReachError = TaggedError<"upstream.none">;

/** A connection and where it leads: CancelRequests for it must go to the same server. */
export interface ReachedUpstream extends UpstreamConnection {
  readonly at: UpstreamAddress;
}

/** How to reach a resource's upstream. */
export interface Reaching {
  readonly resource: BundleResource;
  readonly hosts: UpstreamHosts;
  readonly dial: Dial;
  readonly secrets: UpstreamSecrets;
  readonly log: Logger;
  /** settings of the startup packet, already checked */
  readonly settings: Readonly<Record<string, string>>;
  /** in the place of the resource's own wish */
  readonly target?: TargetSession;
}

/** All attempts together; a client that waits longer has given up. */
const REACH_MS_MAX = 60_000;
/** What the same login will meet on every host: the next one is not tried. */
const FINAL: ReadonlySet<string> = new Set(["upstream.auth_failed", "upstream.auth_method", "upstream.refused"]);

/**
 * Opens a session on the first host that can be reached, takes the login and has the role that sessions need; at connect
 * time only. Like libpq it goes on after a failure to connect (and to servers that start, stop or are full), and stops at
 * a refused login. All attempts end within 60 s.
 */
export async function reachUpstream(reaching: Reaching): Promise<Result<ReachedUpstream, ReachError>> {
  const target = reaching.target ?? reaching.resource.upstream.targetSession;
  const deadlineMs = performance.now() + REACH_MS_MAX;
  const first = await tryAll(reaching, target === "prefer-standby" ? "standby" : target, deadlineMs);
  if (first.connection) return ok(first.connection);
  if (target !== "prefer-standby" || first.final) return err(noneOf(reaching.resource, first));
  const second = await tryAll(reaching, "any", deadlineMs);
  return second.connection ? ok(second.connection) : err(noneOf(reaching.resource, second));
}

/** Opens a stream to the very server of a connection, for a CancelRequest. */
export async function dialAgain(
  { upstream }: BundleResource,
  at: UpstreamAddress,
  dial: Dial,
  ca: string | undefined,
  timeoutMs: number,
): ReturnType<Dial> {
  return dial({ ...at, tls: upstream.tls, ca, timeoutMs }, POSTGRES_TLS_OPENING);
}

interface Attempts {
  readonly connection?: ReachedUpstream;
  readonly failures: readonly Failure[];
  /** the last failure would be met on every host */
  readonly final: boolean;
}

interface Failure {
  readonly host: string;
  readonly public: string;
  readonly internal: string;
}

async function tryAll(reaching: Reaching, target: TargetSession, deadlineMs: number): Promise<Attempts> {
  const { hosts, log, resource } = reaching;
  const failures: Failure[] = [];
  for await (const candidate of hosts.candidates(resource.upstream, target)) {
    const host = nameOf(candidate);
    if ("reason" in candidate) {
      failures.push({ host, public: candidate.reason, internal: candidate.reason });
      continue;
    }
    const timeoutMs = Math.min(resource.upstream.connectTimeoutMs, deadlineMs - performance.now());
    if (timeoutMs <= 0) break;
    const suspected = hosts.suspects(candidate);
    const reached = await tryOne(reaching, candidate, target, timeoutMs);
    if (reached.ok) return { connection: reached.value, failures, final: false };
    const { code, internal } = reached.error;
    const event = { resource: resource.name, host, code, reason: internal };
    if (code === "upstream.unfit" || suspected) log.debug(event, "upstream.still_failed");
    else log.warn(event, "upstream.failed");
    failures.push({ host, public: reached.error.public, internal });
    if (FINAL.has(code)) return { failures, final: true };
  }
  return { failures, final: false };
}

type AttemptError = UpstreamError | TaggedError<"upstream.unfit">;

async function tryOne(
  { dial, hosts, resource, secrets, settings }: Reaching,
  at: UpstreamAddress,
  target: TargetSession,
  timeoutMs: number,
): Promise<Result<ReachedUpstream, AttemptError>> {
  const startedMs = performance.now();
  const dialled = await dialAgain(resource, at, dial, secrets.ca, timeoutMs);
  if (!dialled.ok) {
    hosts.failed(at);
    return dialled;
  }
  const left = () => Math.max(1, timeoutMs - (performance.now() - startedMs));
  const opened = await openUpstream(dialled.value, {
    database: resource.upstream.database,
    credentials: secrets,
    settings,
    frameBytesMax: resource.limits.frameBytesMax,
    timeoutMs: left(),
  });
  if (!opened.ok) {
    if (!FINAL.has(opened.error.code)) hosts.failed(at);
    return opened;
  }
  const fit = await fitFor(target, opened.value, left());
  if (!fit.ok) {
    if (fit.error.code === "upstream.unfit") hosts.unfit(at, target);
    else hosts.failed(at);
    return fit;
  }
  hosts.fine(at);
  return ok({ ...opened.value, at });
}

function noneOf({ upstream }: BundleResource, { failures, final }: Attempts): ReachError {
  const told = final ? failures.slice(-1) : failures;
  const each = told.map(({ host, public: reason }) => `${host}: ${reason}`).join("; ");
  const internal = failures.map(({ host, internal: reason }) => `${host}: ${reason}`).join("; ");
  const wanted = upstream.targetSession === "any" ? "" : ` (sessions need ${upstream.targetSession})`;
  return taggedError("upstream.none", `${each || "no time was left to try a host"}${wanted}`, {
    internal,
    retry: "later",
  });
}
