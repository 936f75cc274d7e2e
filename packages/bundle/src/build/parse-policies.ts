import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type ParsedPolicy, parsePolicy, validationBatches } from "./cedar.ts";
import type { Finding } from "./diagnostic.ts";
import { drain, type Steps } from "./steps.ts";

/** What parser and validator say of one policy's text; they depend on nothing else. */
interface Parsed {
  /** absent when it does not parse */
  readonly json: PolicyJson | undefined;
  readonly findings: readonly Finding[];
}

/** How many parsed policies are remembered, so that an edit parses and validates only what changed. */
const CACHE_MAX = 40_000;

const parsedByText = new Map<string, Parsed>();

/** Parses and validates policies, each by itself; what is remembered by its text is not done again. */
export function parsePolicies(texts: readonly string[]): Parsed[] {
  return drain(parseSteps(texts));
}

/** The same in steps of a few milliseconds (parsing) and a few ten (validation); each counts the policies it is done with. */
export function* parseSteps(texts: readonly string[], batchMax?: number): Steps<Parsed[]> {
  const fresh = new Map<string, PolicyJson>();
  const results = new Map<string, Parsed>();
  for (const text of texts) {
    const known = parsedByText.get(text);
    if (known !== undefined) results.set(text, known);
    if (known !== undefined || fresh.has(text) || results.has(text)) continue;
    const answer = parsePolicy(text);
    if (answer.ok) fresh.set(text, answer.value);
    else results.set(text, { json: undefined, findings: answer.error });
    yield 0.25;
  }
  const unvalidated: ParsedPolicy[] = [...fresh].map(([text, json]) => ({ text, json }));
  for (const { findings, policies } of validationBatches(unvalidated, batchMax)) {
    policies.forEach(({ text, json }, at) => results.set(text, { json, findings: findings[at] ?? [] }));
    yield policies.length * 0.75;
  }
  for (const [text, result] of results) remember(text, result);
  return texts.map((text) => results.get(text) ?? { json: undefined, findings: [] });
}

/** How many of these are not remembered. */
export function countUnparsed(texts: readonly string[]): number {
  return new Set(texts.filter((text) => !parsedByText.has(text))).size;
}

function remember(text: string, result: Parsed): void {
  // deleting first moves it to the end, so the map's order is the order of last use
  parsedByText.delete(text);
  parsedByText.set(text, result);
  const [oldest] = parsedByText.keys();
  if (parsedByText.size > CACHE_MAX && oldest !== undefined) parsedByText.delete(oldest);
}
