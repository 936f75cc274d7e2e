import { join } from "node:path";
import type { PlacedProblem } from "@sluice/bundle/build";
import type { Terminal } from "./terminal.ts";

/** Problems as compilers print them: file:line:column, so that editors can jump. */
export function printProblems(path: string, problems: readonly PlacedProblem[], terminal: Terminal): void {
  for (const { file, line, column, severity, code, message, suggestion } of problems) {
    const more = suggestion === undefined ? "" : ` ${suggestion}`;
    terminal.complain(`${join(path, file)}:${line}:${column}: ${severity} ${code}: ${message}${more}`);
  }
}

/** What is an error among the problems. */
export function errorsAmong(problems: readonly PlacedProblem[]): PlacedProblem[] {
  return problems.filter(({ severity }) => severity === "error");
}

/** One JSON document, for programs. */
export function printJson(json: unknown, terminal: Terminal): void {
  terminal.print(JSON.stringify(json, null, 2));
}
