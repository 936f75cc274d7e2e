import { readPolicyFiles } from "@sluice/bundle/build";
import type { Result } from "@sluice/kernel";
import { exportPolicies } from "../console/policy-routes.ts";
import { type ConsoleAccess, readConsoleAccess } from "../env.ts";
import { type Args, readArgs } from "./args.ts";
import { check } from "./check.ts";
import { diff } from "./diff.ts";
import { explain } from "./explain.ts";
import { exportTo } from "./export.ts";
import { fmt } from "./fmt.ts";
import { importFrom } from "./import.ts";
import { type PolicyFolder, readPolicyFolder } from "./policy-folder.ts";
import { discard, publish } from "./publish.ts";
import { type ExitCode, refuse, type Terminal } from "./terminal.ts";
import { test } from "./test.ts";

/** What a command works with beyond its arguments. */
export interface CommandWorld {
  readonly terminal: Terminal;
  readonly usage: string;
  /** where the console is; absent: as the environment says */
  readonly access?: Result<ConsoleAccess, string>;
}

/** Runs `sluice policy …`; the exit code: 0 fine, 1 the policies are not, 2 the command is not. */
export async function policyCommand(args: readonly string[], world: CommandWorld): Promise<ExitCode> {
  const { terminal, usage } = world;
  const parsed = readArgs(args);
  if (typeof parsed === "string") return refuse(`${parsed}\n\n${usage}`, terminal);
  if (parsed.help) {
    terminal.print(usage);
    return 0;
  }
  switch (parsed.verb) {
    case "check":
    case "fmt":
    case "test":
    case "explain":
      return using(readPolicyFolder(parsed.paths[0] ?? "."), terminal, (folder) => local(parsed, folder, terminal));
    case "diff":
      return compare(parsed, world);
    case "export":
    case "import":
    case "publish":
    case "discard":
      return remote(parsed, world);
    case undefined:
      return refuse(usage, terminal);
    default:
      return refuse(`There is no \`sluice policy ${parsed.verb}\`.\n\n${usage}`, terminal);
  }
}

function local({ verb, options }: Args, folder: PolicyFolder, terminal: Terminal): ExitCode {
  const { json = false } = options;
  if (verb === "check") return check(folder, json, terminal);
  if (verb === "fmt") return fmt(folder, { check: options.check === true, json }, terminal);
  if (verb === "explain") return explain(folder, options, json, terminal);
  const cover = Number(options.cover ?? 0);
  if (!(cover >= 0 && cover <= 100)) return refuse("--cover takes a percentage from 0 to 100.", terminal);
  return test(folder, { cover, json }, terminal);
}

async function compare({ paths, options }: Args, world: CommandWorld): Promise<ExitCode> {
  const { terminal } = world;
  const { json = false, published = false } = options;
  const [first, second] = paths;
  if (first === undefined || (second === undefined) === !published) {
    return refuse("diff needs two folders, or one folder and --published.", terminal);
  }
  const before = readPolicyFolder(first);
  if (!before.ok) return refuse(before.error, terminal);
  if (second !== undefined) {
    return using(readPolicyFolder(second), terminal, (after) => diff(before.value.texts, after.texts, json, terminal));
  }
  return using(world.access ?? readConsoleAccess(), terminal, async (access) => {
    const answer = await exportPolicies(access);
    if (!answer.ok) return refuse(answer.error.text, terminal);
    return diff(readPolicyFiles(answer.value.files).texts, before.value.texts, json, terminal);
  });
}

async function remote({ verb, paths, options }: Args, { terminal, access: given }: CommandWorld): Promise<ExitCode> {
  const { json = false, note, base } = options;
  const [path] = paths;
  const ofDraft = verb === "publish" || verb === "discard";
  if (path === undefined) return refuse(`${verb} needs ${ofDraft ? "the number of a draft" : "a folder"}.`, terminal);
  if (ofDraft && !isNumber(path)) return refuse(`${path} is not the number of a draft.`, terminal);
  return using(given ?? readConsoleAccess(), terminal, (access) => {
    if (verb === "discard") return discard(Number(path), access, json, terminal);
    if (verb === "publish") {
      const overrideTests = options["override-tests"];
      return publish(Number(path), access, { note, overrideTests, json }, terminal);
    }
    if (verb === "export") {
      const { version } = options;
      if (version !== undefined && !isNumber(version)) return refuse("--version takes a number.", terminal);
      const wanted = version === undefined ? undefined : Number(version);
      return exportTo(path, access, { version: wanted, force: options.force === true, json }, terminal);
    }
    const how = { dryRun: options["dry-run"] === true, note: note ?? "", base, json };
    return using(readPolicyFolder(path), terminal, (folder) => importFrom(folder, access, how, terminal));
  });
}

function isNumber(text: string): boolean {
  return /^[1-9]\d{0,8}$/.test(text);
}

function using<T>(
  result: Result<T, string>,
  terminal: Terminal,
  run: (value: T) => ExitCode | Promise<ExitCode>,
): ExitCode | Promise<ExitCode> {
  return result.ok ? run(result.value) : refuse(result.error, terminal);
}
