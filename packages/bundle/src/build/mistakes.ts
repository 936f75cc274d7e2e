import type { Finding } from "./diagnostic.ts";
import { actionsNamed, contextPathOf, resourceTypesOf } from "./schema-words.ts";

/** What a finding says instead, in our words. What is absent stays as it was. */
type Said = Partial<Pick<Finding, "message" | "suggestion" | "from" | "to">>;

interface Mistake {
  readonly pattern: RegExp;
  /** undefined: it is none of these after all */
  readonly say: (match: RegExpExecArray, place: Place) => Said | undefined;
}

/** Where in which policy. */
interface Place {
  readonly text: string;
  readonly from: number;
}

const operators: Readonly<Record<string, string>> = { and: "&&", or: "||", not: "!", xor: "!=" };
const effects: Readonly<Record<string, string>> = {
  deny: "forbid",
  block: "forbid",
  reject: "forbid",
  disallow: "forbid",
  allow: "permit",
  grant: "permit",
  accept: "permit",
};
const methods: Readonly<Record<string, string>> = {
  includes: 'Write `set.contains("a")`.',
  include: 'Write `set.contains("a")`.',
  has: 'Write `set.contains("a")`; for an attribute `record has name`.',
  startsWith: 'Write `text like "beginning*"`.',
  startswith: 'Write `text like "beginning*"`.',
  endsWith: 'Write `text like "*end"`.',
  endswith: 'Write `text like "*end"`.',
  matches: 'Write `text like "a*b"`: `*` stands for anything, and there are no regular expressions.',
  length: "Ask `.isEmpty()`: Cedar does not count.",
  size: "Ask `.isEmpty()`: Cedar does not count.",
};

/** What people who are new to Cedar write, by what the official parser and validator say of it. */
const mistakes: readonly Mistake[] = [
  {
    pattern: /^Unexpected end of input/,
    say: (_match, { text }) => {
      const open = unclosed(text);
      if (open === undefined) return { message: "This policy does not end.", suggestion: "Write `;` after it." };
      return openBracket(open);
    },
  },
  {
    pattern: /^Unexpected token `(;|permit|forbid|@|[})\]])`/,
    say: ([, token], { text, from }) => {
      const open = unclosed(text.slice(0, from));
      return open && closing[open.character] !== token ? openBracket(open) : undefined;
    },
  },
  {
    pattern: /^Unexpected token `(?:permit|forbid|@)`/,
    say: () => ({ message: "The policy before this one does not end.", suggestion: "Write `;` after it." }),
  },
  {
    pattern: /^Unexpected token `(and|or|not|xor)`/i,
    say: ([, word = ""]) => ({
      message: `\`${word}\` is no operator.`,
      suggestion: `Write \`${operators[word.toLowerCase()]}\`.`,
    }),
  },
  {
    pattern: /^Unexpected token/,
    say: (_match, { text, from }) =>
      /\bnot\s+$/i.test(text.slice(0, from))
        ? { message: "`not` is no operator.", suggestion: "Write `!`, as in `!context.sql.unbounded`." }
        : undefined,
  },
  {
    pattern: /^Unexpected token `\(`: expected `\{`/,
    say: () => ({ message: "A condition stands in braces.", suggestion: "Write `when { … }`." }),
  },
  {
    pattern: /^Unexpected token/,
    say: (_match, { text, from }) =>
      /\blike\s*$/.test(text.slice(0, from))
        ? { message: "`like` takes a text.", suggestion: 'Write `like "a*"`: `*` stands for anything.' }
        : undefined,
  },
  {
    pattern: /^Unexpected token `[^`]*`: expected string literal/,
    say: (_match, { text, from }) => {
      const name = /@(\w+)\s*\(\s*$/.exec(text.slice(0, from))?.[1];
      return name === undefined
        ? undefined
        : { message: `What @${name} says stands in double quotes.`, suggestion: `Write @${name}("…").` };
    },
  },
  {
    pattern: /^Unexpected token `(\d+)`: expected identifier/,
    say: ([, digits = ""], { text, from }) => {
      const whole = /(\d+)\.$/.exec(text.slice(0, from))?.[1];
      if (whole === undefined) return undefined;
      const suggestion = `Use a whole number; a decimal attribute is compared with \`.lessThan(decimal("${whole}.${digits}"))\`.`;
      return { message: "Numbers in conditions are whole.", suggestion };
    },
  },
  {
    pattern: /^Unexpected token `\.`/,
    say: (_match, { text, from }) => {
      const path = /\b(principal|action|resource)$/.exec(text.slice(0, from))?.[1];
      if (path === undefined || text.slice(0, from).includes("{")) return undefined;
      const suggestion = `Ask for attributes in a condition: \`when { ${path}.… }\`.`;
      return { message: `The head compares \`${path}\` itself, not what it has.`, suggestion };
    },
  },
  { pattern: /^Invalid token/, say: (_match, place) => strangeToken(place) },
  {
    pattern: /^Expected single entity uid or template slot, found set of entity uids/,
    say: (_match, { text, from }) => {
      const part = /\b(principal|resource)\s+in\s*$/.exec(text.slice(0, from))?.[1] ?? "principal";
      return {
        message: "Only `action in` takes a list in the head.",
        suggestion: `Write a policy for each, or ask in a condition: \`when { ${part} in [A::"a", A::"b"] }\`.`,
      };
    },
  },
  {
    pattern: /^Expected an entity uid(?: or matching template slot)?, found name `([\w:]+)::(\w+)`/,
    say: ([, type = "", id = ""]) => ({
      message: `The name in \`${type}::${id}\` has no quotes.`,
      suggestion: `Write \`${type}::"${id}"\`.`,
    }),
  },
  {
    pattern: /^Expected an entity uid(?: or matching template slot)?, found literal `"(.*)"`/,
    say: ([, id = ""], { text, from }) => {
      const part = /\b(principal|action|resource)\b[^,]*$/.exec(text.slice(0, from))?.[1];
      const type = part === "action" ? "Action" : part === "resource" ? "Table" : "User";
      return { message: `The name "${id}" has no type.`, suggestion: `Write \`${type}::"${id}"\`.` };
    },
  },
  {
    pattern: /^Unrecognized action `Action::"([^".]+)"`/,
    say: ([, word = ""]) => {
      const meant = actionsNamed(word);
      return meant.length === 0
        ? undefined
        : { suggestion: `Did you mean ${meant.map((id) => `\`Action::"${id}"\``).join(" or ")}?` };
    },
  },
  {
    pattern: /^Attribute `(\w+)` in context for Action::"(\w+)[."]/,
    say: ([, name = "", protocol = ""]) => {
      const path = contextPathOf(name, protocol);
      return path === undefined ? undefined : { suggestion: `Did you mean \`${path}\`?` };
    },
  },
  {
    pattern: /^Invalid variable: (null|nil|none|undefined)\b/i,
    say: ([, word = ""]) => ({
      message: `Cedar has no ${word}.`,
      suggestion: "Ask whether an attribute is there: `context has approval`.",
    }),
  },
  {
    pattern: /^Invalid policy effect: (\w+)/,
    say: ([, word = ""]) => {
      const meant = effects[word.toLowerCase()];
      return meant === undefined ? undefined : { suggestion: `Write \`${meant}\`.` };
    },
  },
  {
    pattern: /^`(\w+)` is not a valid method/,
    say: ([, word = ""]) => (Object.hasOwn(methods, word) ? { suggestion: methods[word] } : undefined),
  },
  {
    pattern: /^Empty set literals are forbidden/,
    say: () => ({ message: "A condition names no empty set.", suggestion: "Ask `.isEmpty()` instead." }),
  },
  {
    pattern:
      /^The types (?:String and (ipaddr|decimal|datetime|duration)|(ipaddr|decimal|datetime|duration) and String)\b/,
    say: ([, left, right]) => {
      const type = left ?? right ?? "";
      const make = type === "ipaddr" ? "ip" : type;
      return { message: `A text is no ${type}.`, suggestion: `Write \`${make}("…")\`.` };
    },
  },
  {
    pattern: /^Unexpected type: expected __cedar::internal::AnyEntity but saw (\w+)/,
    say: ([, type = ""]) => ({
      message: `\`in\` asks whether an entity is in another one, and this is a ${type}.`,
      suggestion: 'For a set write `set.contains("a")`, for an attribute that may be absent `context has approval`.',
    }),
  },
  {
    pattern:
      /^Unexpected type: expected Set<__cedar::internal::AnyEntity>, or __cedar::internal::AnyEntity but saw ([\w<>]+|\{)/,
    say: ([, type = ""]) => ({
      message: `Right of \`in\` stands an entity or a set of entities, and this is a ${type === "{" ? "record" : type}.`,
      suggestion: 'For a set write `set.contains("a")`, for an attribute that may be absent `context has approval`.',
    }),
  },
  {
    pattern: /^This policy can never apply: none of its actions applies/,
    say: (_match, { text }) => {
      const action = /\baction\s*(?:==|in)\s*\[?\s*Action::"([^"]+)"/.exec(text)?.[1];
      const [, type, id] = /\bresource\s*(?:==|is)\s*([\w:]+?)(?:::("(?:[^"\\]|\\.)*"))?(?=[\s,)])/.exec(text) ?? [];
      const types = action === undefined ? [] : resourceTypesOf(action);
      if (type === undefined || types.length === 0 || types.includes(type)) return undefined;
      const within = id === undefined ? "" : ` Write \`resource in ${type}::${id}\` for all that is in it.`;
      return { suggestion: `${action} applies to ${types.join(", ")}, not to ${type}.${within}` };
    },
  },
];

const LEFT_OF_IN = /^`in` asks whether/;
const RIGHT_OF_IN = /^Right of `in`/;

/** Of an `in` whose two sides are both wrong the left one says enough. */
export function withoutEcho(findings: readonly Finding[]): Finding[] {
  const left = findings.some(({ message }) => LEFT_OF_IN.test(message));
  return findings.filter(({ message }) => !left || !RIGHT_OF_IN.test(message));
}

/** How many alternatives of the parser's are worth reading. */
const EXPECTED_MAX = 4;

/** Says a finding of the official parser or validator so that somebody new to Cedar knows what to do. */
export function inPlainWords(finding: Finding, text: string): Finding {
  const place = { text, from: finding.from };
  for (const { pattern, say } of mistakes) {
    const match = pattern.exec(finding.message);
    const said = match === null ? undefined : say(match, place);
    if (said !== undefined) return { ...finding, ...said };
  }
  const [, unexpected, expected = ""] = /^(Unexpected token `[^`]*`): expected (.*)$/.exec(finding.message) ?? [];
  if (unexpected === undefined || expected.split(/, | or /).length <= EXPECTED_MAX) return finding;
  return {
    ...finding,
    message: `${unexpected}.`,
    suggestion: finding.suggestion ?? "Look for what is missing just before it: an operator, a comma or a bracket.",
  };
}

interface Bracket {
  readonly character: string;
  readonly at: number;
}

const closing: Readonly<Record<string, string>> = { "{": "}", "(": ")", "[": "]" };

function openBracket({ character, at }: Bracket): Said {
  const message = `This \`${character}\` is not closed.`;
  return { message, suggestion: `Write \`${closing[character]}\` where it ends.`, from: at, to: at + 1 };
}

/** The innermost bracket that is still open at the end of a text. */
function unclosed(text: string): Bracket | undefined {
  const open: Bracket[] = [];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"?|\/\/[^\n\r]*|[{}()[\]]/g)) {
    if (token in closing) open.push({ character: token, at: index });
    else if (/^[})\]]$/.test(token)) open.pop();
  }
  return open.at(-1);
}

function strangeToken({ text, from }: Place): Said | undefined {
  const character = text.charAt(from);
  if (character === "#") return { message: "`#` begins no comment.", suggestion: "Write `//`." };
  if (/[\u2018-\u201f\u00ab\u00bb]/.test(character))
    return { message: `\`${character}\` is no quote.`, suggestion: 'Write straight double quotes: `"…"`.' };
  if (character === "'") return { message: "Texts stand in double quotes.", suggestion: 'Write `"…"`.' };
  if (character !== '"') return undefined;
  const line = text.slice(text.lastIndexOf("\n", from) + 1, from + 1);
  const quotes = line.replaceAll(/\\./g, "").split('"').length - 1;
  if (quotes % 2 === 0) return undefined;
  return {
    message: "A text is not closed.",
    suggestion: 'Look for a missing `"` on this line or before it.',
  };
}
