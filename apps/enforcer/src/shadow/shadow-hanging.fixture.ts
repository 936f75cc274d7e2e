// A candidate's thread that is accepted and then misbehaves, as `workerData.envelope` says: 1 never answers, 2 throws,
// 3 fills its heap.
import { parentPort, workerData } from "node:worker_threads";

const [way] = workerData.envelope;
parentPort?.on("message", ({ kind }) => {
  if (kind !== "batch") return;
  if (way === 2) throw new Error("a candidate's bug");
  const kept: unknown[] = [];
  for (;;) if (way === 3) kept.push(Array.from({ length: 1_000 }, () => ({ kept })));
});
parentPort?.postMessage({ kind: "ready", version: 1, expiresAtMs: Date.now() + 60_000 });
