import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import {
  type AnnotationProblem,
  annotationRegistry,
  readAnnotations,
  type SetName,
  sluiceActions,
} from "@sluice/policy-engine";
import type { DiagnosticCode, Finding } from "./diagnostic.ts";
import { nearest } from "./nearest.ts";

/** What the lints know of one policy. */
interface Subject {
  readonly text: string;
  readonly json: PolicyJson;
  readonly set: SetName;
}

const annotationCodes: Readonly<Record<AnnotationProblem["kind"], DiagnosticCode>> = {
  unknown: "unknown_annotation",
  ill_typed: "ill_typed_annotation",
  misplaced: "misplaced_annotation",
};

/** Annotations that make an obligation policy worth having. */
const obliging = new Set([
  "mask",
  "limit_rows",
  "limit_bytes",
  "limit_time",
  "limit_rate",
  "record",
  "strict",
  "notify",
  "require_approval",
]);
const groups = new Map(sluiceActions().map(({ uid, parents }) => [uid.id, parents.map(({ id }) => id)]));

/** Whether an action or a group of them changes something or carries it away. */
function isEffectful(action: string): boolean {
  return ["write", "exec", "egress"].includes(action) || (groups.get(action) ?? []).some(isEffectful);
}

/** Everything Sluice asks of a policy beyond Cedar's own validation. */
export function lintPolicy(text: string, json: PolicyJson, set: SetName): Finding[] {
  const subject: Subject = { text, json, set };
  return [lintId, lintAnnotations, lintEffect, lintObligation, lintLongs, lintScope, lintUnconditional].flatMap(
    (lint) => lint(subject),
  );
}

/** The policy's `@id`, if it has one. */
export function idOf(json: PolicyJson): string | undefined {
  const id: unknown = json.annotations?.["id"];
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** Where an annotation stands in its policy. */
export function annotationSpan(text: string, name: string): { from: number; to: number } {
  const match = new RegExp(`@\\s*${name}\\b(?:\\s*\\(\\s*"(?:[^"\\\\]|\\\\[\\s\\S])*"\\s*\\))?`).exec(text);
  return match === null ? headSpan(text) : { from: match.index, to: match.index + match[0].length };
}

function headSpan(text: string): { from: number; to: number } {
  const match = /\b(?:permit|forbid)\b/.exec(
    text.replace(/"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n\r]*/g, (skip) => " ".repeat(skip.length)),
  );
  return match === null ? { from: 0, to: text.length } : { from: match.index, to: match.index + match[0].length };
}

/** True when the scope names no principal, action or resource. */
export function isUnscoped({ principal, action, resource }: PolicyJson): boolean {
  return principal.op === "All" && action.op === "All" && resource.op === "All";
}

function lintId({ text, json }: Subject): Finding[] {
  if (idOf(json) !== undefined) return [];
  const message = "This policy has no @id, so no verdict or record could name it.";
  return [
    {
      severity: "error",
      code: "missing_id",
      message,
      suggestion: 'Write @id("what-it-does") above it.',
      ...headSpan(text),
    },
  ];
}

function lintAnnotations({ text, json, set }: Subject): Finding[] {
  const { problems } = readAnnotations(json.annotations ?? {}, set, json.effect);
  return problems.map(({ kind, name, message }) => ({
    severity: "error",
    code: annotationCodes[kind],
    message: `${message}.`,
    suggestion: kind === "unknown" ? nearestAnnotation(name) : undefined,
    ...annotationSpan(text, name),
  }));
}

function nearestAnnotation(name: string): string {
  const known = annotationRegistry.map((rule) => rule.name);
  const near = nearest(name, known) ?? known.find((other) => other.startsWith(name) || name.startsWith(other));
  return near === undefined ? `Known annotations are ${known.join(", ")}.` : `Did you mean @${near}?`;
}

function lintEffect({ text, json, set }: Subject): Finding[] {
  if (set === "guardrails" && json.effect === "permit") {
    const message = "A guardrail only forbids; a permit belongs in the access policies.";
    return [
      { severity: "error", code: "misplaced_effect", message, suggestion: "Move it to access.", ...headSpan(text) },
    ];
  }
  if (set !== "obligations" || json.effect === "permit") return [];
  const message = "An obligation is permit-shaped and grants nothing; a forbid belongs in the guardrails.";
  return [
    { severity: "error", code: "misplaced_effect", message, suggestion: "Move it to guardrails.", ...headSpan(text) },
  ];
}

function lintObligation({ text, json, set }: Subject): Finding[] {
  if (set !== "obligations" || Object.keys(json.annotations ?? {}).some((name) => obliging.has(name))) return [];
  const message = "This obligation asks for nothing.";
  const suggestion = 'Give it an annotation such as @limit_rows("1000") or @record("full").';
  return [{ severity: "warning", code: "no_obligation", message, suggestion, ...headSpan(text) }];
}

function lintLongs({ text, json }: Subject): Finding[] {
  if (!hasUnsafeNumber(json)) return [];
  const message = "A number beyond ±9007199254740991 would be rounded on its way to the enforcers.";
  const found = [...text.matchAll(/\d{16,}/g)].find(([digits]) => !Number.isSafeInteger(Number(digits)));
  const span = found === undefined ? headSpan(text) : { from: found.index, to: found.index + found[0].length };
  return [{ severity: "error", code: "long_literal", message, suggestion: "Use a smaller number.", ...span }];
}

function hasUnsafeNumber(json: unknown): boolean {
  if (typeof json === "number") return !Number.isSafeInteger(json);
  return typeof json === "object" && json !== null && Object.values(json).some(hasUnsafeNumber);
}

function lintScope({ text, json, set }: Subject): Finding[] {
  if (!isUnscoped(json)) return [];
  if (set === "access" && json.effect === "permit" && json.conditions.length === 0) {
    const message = "This policy permits everything to everybody.";
    const suggestion = "Name the principals, actions and resources it is for.";
    return [{ severity: "warning", code: "unscoped_policy", message, suggestion, ...headSpan(text) }];
  }
  if (set !== "access") return [];
  const message = "This policy names no principal, action or resource, so every decision has to evaluate it.";
  const suggestion = "Move what its conditions say about principal, action or resource into its head.";
  return [{ severity: "warning", code: "unscoped_policy", message, suggestion, ...headSpan(text) }];
}

function lintUnconditional({ text, json, set }: Subject): Finding[] {
  if (set !== "access" || json.effect !== "permit" || json.conditions.length > 0 || isUnscoped(json)) return [];
  const environment = environmentOf(json);
  if (environment !== undefined && environment !== "production") return [];
  const actions = actionIds(json);
  const finding = { severity: "warning", suggestion: CONDITION, ...headSpan(text) } as const;
  if (actions === undefined || actions.some(isEffectful)) {
    const message = "This permits changes without any condition, in production too.";
    return [{ ...finding, code: "unconditional_write", message }];
  }
  const shows = actions.includes("unmask");
  if (environment === undefined && !shows) return [];
  const what = shows ? "classified values in clear" : "this";
  const message = `This permits ${what} without any condition, in production${environment ? "" : " too"}.`;
  return [{ ...finding, code: "unconditional_production", message }];
}

const CONDITION =
  'Add a condition such as when { resource.environment != "production" }, or a guardrail with @require_approval.';

/** The environment that the head itself names. */
function environmentOf({ resource }: PolicyJson): string | undefined {
  const within = resource.op === "is" ? resource.in : resource.op === "in" ? resource : undefined;
  if (within === undefined || !("entity" in within)) return undefined;
  const { type, id } = "__entity" in within.entity ? within.entity.__entity : within.entity;
  return type === "Environment" ? id : undefined;
}

/** The actions a policy is for; undefined stands for all. */
function actionIds({ action }: PolicyJson): string[] | undefined {
  if (action.op === "All") return undefined;
  const named = "entities" in action ? action.entities : "entity" in action ? [action.entity] : [];
  return named.map((uid) => ("__entity" in uid ? uid.__entity.id : uid.id));
}
