// A thread that is ready and then never answers, or ends itself when it is asked for a text that says so.
import { parentPort } from "node:worker_threads";
import type { ToProgram } from "./off-loop.ts";

parentPort?.on("message", (message: ToProgram) => {
  if (message.kind !== "analyse") return;
  if (message.text.includes("exit")) process.exit(1);
  if (message.text.includes("throw")) throw new Error("a defect");
  for (;;);
});
parentPort?.postMessage({ kind: "ready" });
