import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { Finding } from "./diagnostic.ts";

// The official parser is WebAssembly with a small stack. What exhausts it (some 120 brackets in one another, two thousand
// operators) leaves it unusable for the rest of the process, for every org: such a text must not reach it. Measured with the
// pinned version; nesting.test.ts goes to these limits in all forms that nest.
const BRACKETS_MAX = 40;
const OPERATORS_MAX = 500;
const IFS_MAX = 40;
const DOTS_MAX = 1_000;
/** JSON levels of a policy's EST: bundles and the official engine take 128 in all. */
const LEVELS_MAX = 100;

const TOKEN = /"(?:[^"\\]|\\[\s\S])*"?|\/\/[^\n\r]*|&&|\|\||[-+*.]|[{}()[\]]|\bif\b/g;

const operators: ReadonlySet<string> = new Set(["&&", "||", "+", "-", "*"]);
const opening: ReadonlySet<string> = new Set(["(", "[", "{"]);
const closing: ReadonlySet<string> = new Set([")", "]", "}"]);

/** Why a policy's text nests deeper than the official parser can follow; undefined when it does not. */
export function deepText(text: string): Finding | undefined {
  const seen = { operators: 0, ifs: 0, dots: 0 };
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (opening.has(token)) depth += 1;
    else if (closing.has(token)) depth -= 1;
    else if (operators.has(token)) seen.operators += 1;
    else if (token === ".") seen.dots += 1;
    else if (token === "if") seen.ifs += 1;
    const tooMany = seen.operators > OPERATORS_MAX || seen.ifs > IFS_MAX || seen.dots > DOTS_MAX;
    if (depth > BRACKETS_MAX || tooMany) return finding(index, index + token.length);
  }
  return undefined;
}

/** Why a policy that parses nests deeper than bundles and engines follow; undefined when it does not. */
export function deepPolicy(json: PolicyJson, text: string): Finding | undefined {
  return isDeeper(json, LEVELS_MAX) ? finding(0, text.length) : undefined;
}

function isDeeper(json: unknown, levels: number): boolean {
  if (typeof json !== "object" || json === null) return false;
  return levels === 0 || Object.values(json).some((inner) => isDeeper(inner, levels - 1));
}

function finding(from: number, to: number): Finding {
  return {
    severity: "error",
    code: "too_deep",
    message: "This policy nests too deep, or chains too many conditions.",
    suggestion: 'Write several policies, or ask for many values at once: `["a", "b"].contains(context.sql.command)`.',
    from,
    to,
  };
}
