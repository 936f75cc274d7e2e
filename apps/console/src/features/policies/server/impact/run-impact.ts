import { randomInt } from "node:crypto";
import { compilePolicies, type PolicyTexts, preparePolicies } from "@sluice/bundle/build";
import { load, type PolicyEngine } from "@sluice/policy-engine";
import { logger } from "@sluice/telemetry";
import type { Deps } from "../../../../server/deps.ts";
import type { OrgData } from "../../../../server/scope.ts";
import type { ImpactResult } from "../../impact-schemas.ts";
import { exchangeFlips } from "./exchange-flips.ts";
import { beatImpact, claimImpact, failImpact, finishImpact } from "./impact-rows.ts";
import { ImpactTally } from "./impact-tally.ts";
import { readVersionTexts } from "./read-versions.ts";
import { countRecorded, type RecordedExchange, recordedExchanges } from "./recorded-exchanges.ts";
import { type ReplaySite, readReplaySites } from "./replay-entities.ts";
import { replayRequests } from "./replay-request.ts";
import { REPLAYED_MAX } from "./span.ts";

const log = logger("console.impact");

/** The policies that are compared. `anchor` is absent where it is the version in force. */
interface ReplayEngines {
  readonly current: PolicyEngine;
  readonly candidate: PolicyEngine;
  readonly anchor: PolicyEngine | undefined;
}

/**
 * Runs one impact to its end, unless it has ended or somebody else is at it: counts, replays in chunks, says how far it is,
 * stops when it is cancelled, stores what it found. May be run again after a crash. Never throws for what is wrong with the
 * candidate or the records; a failure of the world is stored as such and thrown on.
 */
export async function runImpact(
  deps: Deps,
  data: OrgData,
  impactId: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  if (!(await claimImpact(deps, data, impactId))) return;
  try {
    const result = await replay(deps, data, impactId, signal);
    if (result) await finishImpact(deps, data, impactId, result);
  } catch (error) {
    // a process that stops lets go of it: whoever finds it silent goes on
    if (!signal.aborted)
      await failImpact(deps, data, impactId, "The replay failed on our side; the log holds the cause. Try again.");
    throw error;
  }
}

async function replay(
  deps: Deps,
  data: OrgData,
  impactId: string,
  signal: AbortSignal,
): Promise<ImpactResult | undefined> {
  const startedMs = deps.clock.monotonic();
  const { engines, impact, sites } = await prepare(data, impactId);
  const { fromAt: from, toAt: to } = impact;
  const records = await countRecorded(data, from, to);
  const total = Math.min(records, REPLAYED_MAX);
  const tally = new ImpactTally();
  if (!(await beatImpact(deps, data, impactId, { seen: 0, total }))) return undefined;
  for await (const chunk of recordedExchanges(data, { from, to, records, seed: randomInt(2 ** 31) })) {
    for (const { siteId, record } of chunk) {
      sites.get(siteId ?? "")?.know(record?.decisions.map(({ resource }) => resource) ?? []);
    }
    for (const exchange of chunk) tallyOne(tally, engines, sites, exchange);
    signal.throwIfAborted();
    if (!(await beatImpact(deps, data, impactId, { seen: Math.min(tally.sampled, total), total }))) return undefined;
  }
  const result = tally.result(records, deps.clock.monotonic() - startedMs);
  const { changed, replayed, sampled, tookMs } = result;
  log.info({ orgId: data.orgId, impactId, records, sampled, replayed, changed, tookMs }, "impact.done");
  return result;
}

async function prepare(data: OrgData, impactId: string) {
  const { anchor, base, impact, sites } = await data.tx(async (tx) => {
    const found = await tx.policyImpact.findUniqueOrThrow({ where: { id: impactId } });
    const org = await tx.org.findUniqueOrThrow({ where: { id: data.orgId } });
    const { anchorVersion, baseVersion } = found;
    return {
      impact: found,
      base: await readVersionTexts(tx, baseVersion),
      anchor: anchorVersion === baseVersion ? undefined : await readVersionTexts(tx, anchorVersion),
      sites: await readReplaySites(tx, org, found.fromAt),
    };
  });
  const engines: ReplayEngines = {
    current: await engineOf(base),
    candidate: await engineOf(impact),
    anchor: anchor && (await engineOf(anchor)),
  };
  return { impact, engines, sites };
}

/** Texts that were checked before they were stored. */
async function engineOf({ access, guardrails, obligations }: PolicyTexts): Promise<PolicyEngine> {
  await preparePolicies({ guardrails, access, obligations });
  const compiled = compilePolicies({ guardrails, access, obligations });
  if (!compiled.ok) throw new Error("policies that were checked do not compile", { cause: compiled.error });
  const engine = load(compiled.value);
  if (!engine.ok) throw new Error("policies that were compiled do not load", { cause: engine.error });
  return engine.value;
}

function tallyOne(
  tally: ImpactTally,
  { anchor, candidate, current }: ReplayEngines,
  sites: ReadonlyMap<string, ReplaySite>,
  { id, record, siteId }: RecordedExchange,
): void {
  if (!record) {
    tally.skip("incomplete");
    return;
  }
  const site = sites.get(siteId ?? "");
  if (!site) {
    tally.skip("resource_gone");
    return;
  }
  const requests = replayRequests(record, site);
  if (!requests.ok) {
    tally.skip(requests.error);
    return;
  }
  const flips = exchangeFlips({ current, candidate }, requests.value);
  const since = anchor === undefined ? flips : exchangeFlips({ current: anchor, candidate }, requests.value);
  const [actor] = record.principals;
  const principal = `${actor?.type ?? "System"}::${JSON.stringify(actor?.id ?? "")}`;
  tally.add({ id, atMs: record.atMs, principal }, flips, since.length > 0);
}
