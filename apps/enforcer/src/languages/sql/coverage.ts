import type { Node } from "libpg-query";
import type { Collector } from "./collector.ts";
import { childrenOf, kindOf } from "./tree.ts";

/** Parts that must not be passed over: each does or reads something. */
const MUST_BE_SEEN = new Set(["FuncCall", "SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);

/**
 * The net under the analysis: walks the whole tree without knowing its grammar and checks that every call and every
 * nested statement was analysed. What was passed over makes the statement opaque.
 */
export function checkCoverage(node: Node, collector: Collector): void {
  const pending: Node[] = [node];
  for (let at = pending.pop(); at; at = pending.pop()) {
    const kind = kindOf(at);
    for (const body of Object.values(at)) {
      if (MUST_BE_SEEN.has(kind) && typeof body === "object" && body !== null && !collector.visited.has(body)) {
        collector.giveUp(`a ${kind} in a place that is not understood`);
        return;
      }
      pending.push(...childrenOf(body));
    }
  }
}
