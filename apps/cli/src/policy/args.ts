import { parseArgs } from "node:util";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;

/** Every option, and the commands that take it. */
const options = {
  json: flag,
  help: flag,
  check: flag,
  cover: text,
  case: text,
  principal: text,
  "on-behalf-of": text,
  action: text,
  resource: text,
  context: text,
  published: flag,
  version: text,
  force: flag,
  "dry-run": flag,
  note: text,
  base: text,
  "override-tests": text,
};
const taken: Readonly<Record<string, readonly string[]>> = {
  check: [],
  fmt: ["check"],
  test: ["cover"],
  explain: ["case", "principal", "on-behalf-of", "action", "resource", "context"],
  diff: ["published"],
  export: ["version", "force"],
  import: ["dry-run", "note", "base"],
  publish: ["note", "override-tests"],
  discard: [],
};
const pathsMax: Readonly<Record<string, number>> = { diff: 2 };

/** A command as it was typed. */
export type Args = ReturnType<typeof parse> & { readonly help: boolean };

/** Reads a command's arguments, or tells in words why they make no sense. */
export function readArgs(args: readonly string[]): Args | string {
  try {
    const parsed = parse(args);
    const help = parsed.options.help === true || parsed.verb === "help";
    const { verb, paths } = parsed;
    const known = verb === undefined ? undefined : taken[verb];
    if (help || verb === undefined || known === undefined) return { ...parsed, help };
    const stranger = Object.keys(parsed.options).find((name) => name !== "json" && !known.includes(name));
    if (stranger !== undefined) return `\`sluice policy ${verb}\` takes no --${stranger}.`;
    if (paths.length > (pathsMax[verb] ?? 1))
      return `\`sluice policy ${verb}\` does not know what to do with ${paths.at(-1)}.`;
    return { ...parsed, help };
  } catch (error) {
    // Node goes on about positional arguments, which nobody meant
    return error instanceof Error ? `${error.message.split(". ")[0]}.` : "The arguments cannot be read.";
  }
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [verb, ...paths] = positionals;
  return { verb, paths, options: values };
}
