import type { OrgTx } from "@sluice/db";
import type { RunRow } from "../schemas.ts";

/** A run as stored, without its texts. */
export interface StoredRun {
  readonly id: string;
  readonly number: number;
  readonly note: string;
  readonly baseVersion: number;
  readonly authorId: string;
  readonly startedAt: Date;
  readonly endsAt: Date;
  readonly stoppedAt: Date | null;
}

/** Runs as the console shows them, each with what all its enforcers found. */
export async function viewRuns(tx: OrgTx, runs: readonly StoredRun[], nowMs: number): Promise<RunRow[]> {
  const authors = await tx.member.findMany({
    where: { id: { in: runs.map(({ authorId }) => authorId) } },
    select: { id: true, handle: true, name: true },
  });
  const sums = await tx.shadowReport.groupBy({
    by: ["runId"],
    where: { runId: { in: runs.map(({ id }) => id) } },
    _sum: { decided: true, flips: true },
  });
  return runs.map((run) => {
    const author = authors.find(({ id }) => id === run.authorId);
    const sum = sums.find(({ runId }) => runId === run.id)?._sum;
    return {
      id: run.id,
      number: run.number,
      note: run.note,
      author: author ? { handle: author.handle, name: author.name } : null,
      baseVersion: run.baseVersion,
      state: stateOf(run, nowMs),
      startedAt: run.startedAt.toISOString(),
      endsAt: run.endsAt.toISOString(),
      stoppedAt: run.stoppedAt?.toISOString() ?? null,
      decided: Number(sum?.decided ?? 0),
      flips: Number(sum?.flips ?? 0),
    };
  });
}

function stateOf({ stoppedAt, endsAt }: StoredRun, nowMs: number): RunRow["state"] {
  if (stoppedAt) return "stopped";
  return endsAt.getTime() > nowMs ? "running" : "ended";
}
