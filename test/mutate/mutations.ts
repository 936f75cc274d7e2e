/** One change of one place in one file. */
export interface Mutant {
  readonly id: number;
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

// What each kind of token becomes. Longest first: the alternation takes the first that fits.
const swaps: readonly (readonly [RegExp, (token: string) => string | undefined])[] = [
  [/===/g, () => "!=="],
  [/!==/g, () => "==="],
  [/ && /g, () => " || "],
  [/ \|\| /g, () => " && "],
  [/ <= /g, () => " < "],
  [/ >= /g, () => " > "],
  [/ < /g, () => " <= "],
  [/ > /g, () => " >= "],
  [/ \+ (?!")/g, () => " - "],
  [/ - /g, () => " + "],
  [/ \* /g, () => " + "],
  [/\btrue\b/g, () => "false"],
  [/\bfalse\b/g, () => "true"],
  [/\b(\d[\d_]*)\b(?!n)/g, (token) => String(Number(token.replaceAll("_", "")) + 1)],
  [/\b\d[\d_]*n\b/g, (token) => `${BigInt(token.replaceAll("_", "").slice(0, -1)) + 1n}n`],
  [/\.every\(/g, () => ".some("],
  [/\.some\(/g, () => ".every("],
  [/\.startsWith\(/g, () => ".endsWith("],
  [/(?<=[(=:?] ?)!(?=[\w(])/g, () => ""],
  [/\bcontinue;/g, () => "break;"],
];

/** Lines that do not run: types, comments, imports, messages for people. */
const IDLE =
  /^\s*(?:\/\/|\*|\/\*|import |export \{|export type|type |\| |readonly |interface )|new Fault\(|\brefuse\(|BadEst\(|=> `|^\s*\w+\??: /;

/** Every mutant of a source text; the same text always gives the same ones. */
export function mutantsOf(file: string, source: string, firstId: number): Mutant[] {
  const lines = source.split("\n");
  const mutants: Mutant[] = [];
  lines.forEach((line, at) => {
    if (IDLE.test(line)) return;
    for (const [pattern, swap] of swaps) {
      for (const match of line.matchAll(pattern)) {
        const swapped = swap(match[0]);
        if (swapped === undefined || isInsideText(line, match.index)) continue;
        const after = line.slice(0, match.index) + swapped + line.slice(match.index + match[0].length);
        const text = [...lines.slice(0, at), after, ...lines.slice(at + 1)].join("\n");
        const id = firstId + mutants.length;
        mutants.push({ id, file, line: at + 1, before: line.trim(), after: after.trim(), text });
      }
    }
  });
  return mutants;
}

function isInsideText(line: string, at: number): boolean {
  const before = line.slice(0, at);
  return ['"', "`"].some((quote) => (before.split(quote).length - 1) % 2 === 1) || before.includes("//");
}
