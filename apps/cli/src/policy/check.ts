import { checkPolicies, type PolicyDiagnostic } from "@sluice/bundle/build";
import { fileOf, type PolicyFolder } from "./policy-folder.ts";
import type { Terminal } from "./terminal.ts";

/** `sluice policy check`: one line per problem; 1 when one of them is an error. */
export function check({ path, texts }: PolicyFolder, terminal: Terminal): number {
  const { ok, diagnostics, policies } = checkPolicies(texts);
  printDiagnostics(path, diagnostics, terminal);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  terminal.print(`${policies.length} policies, ${errors} errors, ${diagnostics.length - errors} warnings`);
  return ok ? 0 : 1;
}

/** Problems as compilers print them: file:line:column, so that editors can jump. */
export function printDiagnostics(path: string, diagnostics: readonly PolicyDiagnostic[], terminal: Terminal): void {
  for (const { set, start, severity, code, message, suggestion } of diagnostics) {
    const place = `${fileOf(path, set)}:${start.line}:${start.column}`;
    terminal.complain(`${place}: ${severity} ${code}: ${message}${suggestion === undefined ? "" : ` ${suggestion}`}`);
  }
}
