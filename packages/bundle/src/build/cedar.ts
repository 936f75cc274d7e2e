import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { err, ok, type Result } from "@sluice/kernel";
import type { Finding } from "./diagnostic.ts";
import { inPlainWords, withoutEcho } from "./mistakes.ts";
import { deepPolicy, deepText } from "./nesting.ts";
import { utf16Offset } from "./positions.ts";
import { partFor, schemaPart } from "./schema-part.ts";
import { splitPolicies } from "./split-policies.ts";
import { once, withSuggestion } from "./suggest.ts";

/** How many policies go to the validator at once: keeps one call's memory small. */
const VALIDATE_BATCH = 500;

/** Parses one policy with the official parser to its JSON form, or tells why not. */
export function parsePolicy(text: string): Result<cedar.PolicyJson, readonly Finding[]> {
  const deep = deepText(text);
  if (deep !== undefined) return err([deep]);
  const answer = cedar.policyToJson(text);
  if (answer.type === "success") {
    const nested = deepPolicy(answer.json, text);
    return nested === undefined ? ok(answer.json) : err([nested]);
  }
  const isTemplate = answer.errors.some((error) => error.message.includes("got a template"));
  return err(
    answer.errors.flatMap((error) => findingsOf(error, text, "error", isTemplate ? "template" : "parse_error")),
  );
}

/** A policy that parses. */
export interface ParsedPolicy {
  readonly text: string;
  readonly json: cedar.PolicyJson;
}

/** Policies that were validated together, and what was found in each. */
export interface ValidatedBatch {
  readonly policies: readonly ParsedPolicy[];
  readonly findings: readonly (readonly Finding[])[];
}

/**
 * Validates policies strictly against the shipped schema, batch by batch; in no particular order. `batchMax` bounds how many go to
 * the validator at once: about 25 ms a call and one more for each policy, and several times that for policies on any action.
 */
export function* validationBatches(
  policies: readonly ParsedPolicy[],
  batchMax = VALIDATE_BATCH,
): Generator<ValidatedBatch, void, void> {
  const byPart = new Map<string, ParsedPolicy[]>();
  for (const policy of policies) {
    const part = partFor(policy.text, policy.json);
    const known = byPart.get(part);
    if (known === undefined) byPart.set(part, [policy]);
    else known.push(policy);
  }
  for (const [part, all] of byPart) {
    for (let first = 0; first < all.length; first += batchMax) {
      const batch = all.slice(first, first + batchMax);
      const texts = batch.map(({ text }) => text);
      yield { policies: batch, findings: validateBatch(texts, part) };
    }
  }
}

function validateBatch(texts: readonly string[], part: string): Finding[][] {
  const findings: Finding[][] = texts.map(() => []);
  const staticPolicies = Object.fromEntries(texts.map((text, at) => [`p${at}`, text]));
  const answer = cedar.validate({
    schema: schemaPart(part),
    policies: { staticPolicies },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure")
    throw new Error("cedar-wasm refused policies that it had parsed", { cause: answer.errors });
  const sorted = [
    ...answer.validationErrors.map((found) => ({ ...found, severity: "error" as const })),
    ...answer.validationWarnings.map((found) => ({ ...found, severity: "warning" as const })),
  ];
  for (const { policyId, error, severity } of sorted) {
    const at = Number(policyId.slice(1));
    const code = severity === "error" ? "validation_error" : "validation_warning";
    findings[at]?.push(...findingsOf(error, texts[at] ?? "", severity, code));
  }
  // what follows from an error is noise beside it
  return findings.map((found) => {
    const errors = found.filter(({ severity }) => severity === "error");
    return errors.length > 0 ? withoutEcho(errors) : once(found);
  });
}

/** Formats a policy text in Cedar's canonical style, comments kept. */
export function formatText(text: string): Result<string, readonly Finding[]> {
  for (const piece of splitPolicies(text)) {
    const deep = deepText(piece.text);
    if (deep !== undefined) return err([{ ...deep, from: piece.from + deep.from, to: piece.from + deep.to }]);
  }
  const answer = cedar.formatPolicies({ policyText: text, lineWidth: 100, indentWidth: 2 });
  if (answer.type === "success") return ok(answer.formatted_policy);
  return err(answer.errors.flatMap((error) => findingsOf(error, text, "error", "parse_error")));
}

function findingsOf(
  error: cedar.DetailedError,
  text: string,
  severity: Finding["severity"],
  code: Finding["code"],
): Finding[] {
  const [place] = error.sourceLocations ?? [];
  const from = utf16Offset(text, place?.start ?? 0);
  const to = place === undefined ? text.length : utf16Offset(text, place.end);
  const wanted = place?.label === null || place?.label === undefined ? "" : `: ${shorten(place.label)}`;
  const finding: Finding = {
    severity,
    code,
    message: sentence(`${clean(error.message)}${wanted}`),
    suggestion: error.help === null || error.help === undefined ? undefined : sentence(clean(error.help)),
    from,
    // an editor cannot underline nothing
    to: to > from ? to : Math.min(from + 1, text.length),
  };
  return [
    inPlainWords(withSuggestion(finding), text),
    ...(error.related ?? []).flatMap((related) => findingsOf(related, text, severity, code)),
  ];
}

const PREFIX =
  /^(?:Error during extension function argument validation: |(?:failed to parse polic(?:y|ies) from string|cannot parse input policies|failed to parse policy with id `[^`]*` from string): |for policy `p\d+`, )+/;

function clean(message: string): string {
  return message.replace(PREFIX, "");
}

function shorten(label: string): string {
  return label.length > 120 ? `${label.slice(0, 117)}…` : label;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
