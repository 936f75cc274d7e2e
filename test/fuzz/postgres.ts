import { configureLogs } from "@sluice/telemetry";
import { fuzzKinds } from "../../apps/enforcer/src/protocols/postgres/fixtures/conversation-fuzz.ts";

/** What a fuzz run did. */
export interface PostgresFuzzRun {
  readonly conversations: number;
  /** each names its kind and seed: `fuzzKinds[kind](seed)` makes it again */
  readonly differences: readonly string[];
}

const DIFFERENCES_MAX = 10;

/** Sends so many generated conversations through sessions, split, mutated and out of order, from both sides. */
export async function fuzzPostgres(seed: number, conversations: number): Promise<PostgresFuzzRun> {
  configureLogs({ level: "silent" });
  const differences: string[] = [];
  const kinds = Object.entries(fuzzKinds);
  let done = 0;
  for (; done < conversations && differences.length < DIFFERENCES_MAX; done++) {
    const [name, kind] = kinds[done % kinds.length] ?? [];
    if (name === undefined || kind === undefined) throw new RangeError("no kind of fuzzing");
    const own = seed * 1_000_003 + Math.floor(done / kinds.length);
    for (const problem of await kind(own)) differences.push(`${name} ${own}: ${problem}`);
  }
  return { conversations: done, differences };
}
