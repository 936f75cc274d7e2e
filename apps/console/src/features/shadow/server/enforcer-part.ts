import type { RunDetail, RunRow } from "../schemas.ts";
import { type StoredReport, totalsOf } from "./add-reports.ts";

type RunEnforcer = RunDetail["enforcers"][number];

/** What an enforcer's hello must name. */
const CAPABILITY = "shadow.v1";

/** An enforcer as far as it matters to a run. */
export interface EnforcerOfRun {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly version: string | null;
  readonly capabilities: readonly string[];
  readonly site: { readonly name: string };
}

/** What one enforcer does with a run's candidate; `reports` are its own, oldest process first. */
export function enforcerPart(
  enforcer: EnforcerOfRun,
  reports: readonly StoredReport[],
  run: RunRow["state"],
): RunEnforcer {
  const { decided, flips, dropped } = totalsOf(reports);
  const candidateUs = reports.reduce((sum, report) => sum + Number(report.candidateUs), 0);
  const newest = reports.at(-1);
  const state = stateOf(enforcer, newest, run);
  return {
    id: enforcer.id,
    name: enforcer.name,
    site: enforcer.site.name,
    state,
    problem: problemOf(state, enforcer, newest),
    decided,
    flips,
    dropped,
    meanUs: decided === 0 ? null : Math.round((candidateUs / decided) * 10) / 10,
    reportedAt: newest?.reportedAt.toISOString() ?? null,
    restarts: Math.max(0, reports.length - 1),
  };
}

function stateOf(
  { status, version, capabilities }: EnforcerOfRun,
  newest: StoredReport | undefined,
  run: RunRow["state"],
): RunEnforcer["state"] {
  if (version !== null && !capabilities.includes(CAPABILITY)) return "too_old";
  const state = states.find((one) => one === newest?.state);
  if (state === "refused" || state === "failed") return state;
  // It stops by itself at the end, whether or not it could say so.
  if (run !== "running") return newest ? run : "offline";
  if (status !== "online") return "offline";
  return state ?? "waiting";
}

const states = ["loading", "running", "ended", "stopped", "refused", "failed"] as const;

function problemOf(
  state: RunEnforcer["state"],
  { version }: EnforcerOfRun,
  newest: StoredReport | undefined,
): string | null {
  switch (state) {
    case "too_old":
      return `Its version ${version ?? ""} cannot run candidates. Update it; nothing of its traffic is in these numbers.`;
    case "offline":
      return newest
        ? "It is not connected. It goes on with the candidate until the run's end and reports when it is back."
        : "It is not connected and has not run the candidate.";
    case "refused":
      return `It refused the candidate: ${newest?.reason ?? ""} (${newest?.reasonCode ?? ""})`;
    case "failed":
      return `The candidate failed there: ${newest?.reason ?? ""} (${newest?.reasonCode ?? ""}) Its traffic was answered as always.`;
    case "waiting":
    case "loading":
    case "running":
    case "ended":
    case "stopped":
      return null;
  }
}
