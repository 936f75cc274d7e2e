// The thread of `OffLoop`: analyses what it is sent, in order.
import { parentPort, workerData } from "node:worker_threads";
import type { Catalogue } from "../facts.ts";
import { analyseText } from "./analyse.ts";
import type { FromProgram, ToProgram } from "./off-loop.ts";
import { loadParser } from "./parser.ts";

const parser = await loadParser();
const limits = { textBytesMax: Number(workerData.textBytesMax), statementsMax: Number(workerData.statementsMax) };
const catalogues = new Map<number, Catalogue>();

function tell(message: FromProgram): void {
  parentPort?.postMessage(message);
}

parentPort?.on("message", (message: ToProgram) => {
  if (message.kind === "catalogue") catalogues.set(message.key, message.catalogue);
  else if (message.kind === "forget") catalogues.delete(message.key);
  else {
    const catalogue = catalogues.get(message.catalogue);
    if (!catalogue) throw new Error("a text for a catalogue that was not sent");
    const { settings, text } = message;
    tell({ kind: "facts", facts: [...analyseText(text, { parser, settings, catalogue, limits })] });
  }
});
tell({ kind: "ready" });
