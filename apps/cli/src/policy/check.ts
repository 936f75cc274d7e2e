import type { PolicyFolder } from "./policy-folder.ts";
import { errorsAmong, printJson, printProblems } from "./print-problems.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `sluice policy check`: one line per problem; 1 when one of them is an error. */
export function check({ path, check: checked, problems }: PolicyFolder, json: boolean, terminal: Terminal): ExitCode {
  const errors = errorsAmong(problems).length;
  const policies = checked.policies.length;
  if (json) printJson({ ok: errors === 0, policies, problems }, terminal);
  else {
    printProblems(path, problems, terminal);
    terminal.print(
      [
        counted(policies, "policy", "policies"),
        counted(errors, "error", "errors"),
        counted(problems.length - errors, "warning", "warnings"),
      ].join(", "),
    );
  }
  return errors === 0 ? 0 : 1;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
