import { parseArgs } from "node:util";
import type { Result } from "@sluice/kernel";
import { check } from "./check.ts";
import { diff } from "./diff.ts";
import { explain } from "./explain.ts";
import { fmt } from "./fmt.ts";
import { type PolicyFolder, readPolicyFolder, readSuites } from "./policy-folder.ts";
import type { Terminal } from "./terminal.ts";
import { test } from "./test.ts";

/** Runs `sluice policy …`; the exit code: 0 fine, 1 the policies are not, 2 the command is not. */
export function policyCommand(args: readonly string[], terminal: Terminal, usage: string): number {
  const parsed = readArgs(args);
  if (typeof parsed === "string") return refuse(`${parsed}\n\n${usage}`, terminal);
  const { verb, paths, options } = parsed;
  const [first = ".", second] = paths;
  const withFolder = (run: (folder: PolicyFolder) => number) => using(readPolicyFolder(first), terminal, run);
  switch (verb) {
    case "check":
      return withFolder((folder) => check(folder, terminal));
    case "fmt":
      return withFolder((folder) => fmt(folder, options.check === true, terminal));
    case "test":
      return withFolder((folder) => using(readSuites(first), terminal, (suites) => test(folder, suites, terminal)));
    case "explain": {
      const { case: wanted } = options;
      if (wanted === undefined) return refuse("explain needs --case <name>", terminal);
      return withFolder((folder) =>
        using(readSuites(first), terminal, (suites) => explain(folder, suites, wanted, terminal)),
      );
    }
    case "diff":
      if (second === undefined) return refuse("diff needs two folders", terminal);
      return withFolder((before) =>
        using(readPolicyFolder(second), terminal, (after) => diff(before, after, terminal)),
      );
    case undefined:
    default:
      return refuse(usage, terminal);
  }
}

interface Args {
  readonly verb: string | undefined;
  readonly paths: readonly string[];
  readonly options: { readonly check?: boolean | undefined; readonly case?: string | undefined };
}

function readArgs(args: readonly string[]): Args | string {
  try {
    const options = { check: { type: "boolean" }, case: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [verb, ...paths] = positionals;
    return { verb, paths, options: values };
  } catch (error) {
    return error instanceof Error ? error.message : "the arguments cannot be read";
  }
}

function using<T>(result: Result<T, string>, terminal: Terminal, run: (value: T) => number): number {
  return result.ok ? run(result.value) : refuse(result.error, terminal);
}

function refuse(why: string, terminal: Terminal): number {
  terminal.complain(why);
  return 2;
}
