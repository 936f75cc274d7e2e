// The thread that a candidate runs in: started by shadow-runner.ts, ended with it. Only messages go in and out.
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { verifyShadow } from "@sluice/bundle";
import { assert, systemClock } from "@sluice/kernel";
import { loadPolicies } from "../control/load-bundle.ts";
import { readIfThere } from "../control/state-files.ts";
import { Candidate } from "./candidate.ts";
import type { CandidateTrust, FromCandidate, ToCandidate } from "./messages.ts";

assert(parentPort, "runs as a thread of the enforcer");
const port = parentPort;
const trust: CandidateTrust = workerData;

const say = (message: FromCandidate) => port.postMessage(message);

function main(): void {
  const verified = verifyShadow(trust.envelope, trust);
  if (!verified.ok) return say({ kind: "refused", code: verified.error.code, reason: verified.error.public });
  const { content, digest } = verified.value;
  if (content.runId !== trust.runId || digest !== trust.digest) {
    return say({ kind: "refused", code: "bundle.wrong_run", reason: "It is not the candidate that was announced." });
  }
  const engine = loadPolicies(content);
  if (!engine.ok) return say({ kind: "refused", code: engine.error.code, reason: engine.error.public });
  const candidate = new Candidate(engine.value, systemClock);
  port.on("message", (message: ToCandidate) => handle(candidate, message));
  say({ kind: "ready", version: content.version, expiresAtMs: content.expiresAtMs });
}

function handle(candidate: Candidate, message: ToCandidate): void {
  switch (message.kind) {
    case "base":
      // What is in force is on disk, so nothing large has to be copied from the thread that answers clients. A newer one
      // than was named may stand there already: then nothing is decided until the main thread names it too.
      return candidate.rebase(readIfThere(join(trust.stateDir, "bundle.json")), trust);
    case "catalogue":
      return candidate.addCatalogue(message);
    case "batch":
      candidate.decide(message.base, message.shots);
      return say({ kind: "done" });
    case "totals":
      return say({ kind: "totals", totals: candidate.totals() });
  }
}

main();
