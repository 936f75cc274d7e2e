import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { splitPolicies } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import {
  type CedarAnswer,
  type CedarAuthorizer,
  createSnapshot,
  type EntityInput,
  entityFromCedarJson,
  entityUid,
  loadCedar,
  valueFromCedarJson,
} from "@sluice/policy-engine";
import { SchemaTypes } from "./schema-typed.ts";

/** One file of the official integration tests. */
export interface CedarCase {
  readonly policies: string;
  readonly entities: string;
  /** the schema, where values may leave their types to it */
  readonly schema?: string | undefined;
  readonly requests: readonly CedarRequest[];
}

interface Name {
  readonly type: string;
  readonly id: string;
}

/** One request with the official answer. */
export interface CedarRequest {
  readonly description: string;
  readonly principal: Name;
  readonly action: Name;
  readonly resource: Name;
  readonly context: unknown;
  readonly decision: string;
  readonly reason: readonly string[];
  readonly errors: readonly string[];
}

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|-?\d{16,}/g;
const MARK = "\u0000long:";

/** Parses JSON with integers beyond 2^53 as bigints, which plain JSON.parse rounds. */
export function parseExactJson(text: string): unknown {
  const marked = text.replace(JSON_TOKEN, (token) => (token.startsWith('"') ? token : JSON.stringify(MARK + token)));
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(MARK) ? exactInteger(value.slice(MARK.length)) : value,
  );
}

function exactInteger(digits: string): number | bigint {
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

const LITERAL = /"(?:[^"\\]|\\[\s\S])*"|\/\/[^\n]*|-?\b\d{16,19}\b/g;

/**
 * `policyToJson` rounds integers beyond 2^53, so they are written as a product and a sum of small ones first. Our bundles
 * refuse such literals; the corpus is full of them.
 */
export function spellOutLongs(text: string): string {
  return text.replace(LITERAL, (token) => {
    if (!/^-?\d/.test(token)) return token;
    const exact = BigInt(token);
    const high = exact / 4_294_967_296n;
    return Number.isSafeInteger(Number(exact)) ? token : `(${high} * 4294967296 + ${exact - high * 4_294_967_296n})`;
  });
}

/** Loads a policy text as the official integration tests name its policies: policy0, policy1 … in order. */
export function loadCedarText(text: string): CedarAuthorizer {
  const entries = splitPolicies(spellOutLongs(text)).map((piece, at) => {
    const answer = cedar.policyToJson(piece.text);
    if (answer.type === "failure") throw new Error("the official parser refused a policy", { cause: answer.errors });
    return [`policy${at}`, answer.json] as const;
  });
  return unwrap(loadCedar({ staticPolicies: Object.fromEntries(entries) }));
}

/** Reads an entities file. */
export function readEntities(text: string, types?: SchemaTypes): EntityInput[] {
  const listed = parseExactJson(text);
  if (!Array.isArray(listed)) throw new TypeError("an entities file holds an array");
  return listed.map((entity) => unwrap(entityFromCedarJson(types === undefined ? entity : types.entity(entity))));
}

/** How our answers to a case differ from the official ones; empty when they do not. */
export function differencesOf({ policies, entities, schema, requests }: CedarCase): string[] {
  const authorizer = loadCedarText(policies);
  const types = schema === undefined ? undefined : new SchemaTypes(schema);
  const snapshot = createSnapshot(readEntities(entities, types), { actions: [] });
  return requests.flatMap((request) => {
    const asked = {
      principal: entityUid(request.principal.type, request.principal.id),
      action: entityUid(request.action.type, request.action.id),
      resource: entityUid(request.resource.type, request.resource.id),
      context: unwrap(
        valueFromCedarJson(types === undefined ? request.context : types.context(request.action, request.context)),
      ),
      entities: snapshot,
    };
    const official = textOf(request.decision, request.reason, request.errors);
    // the index remembers what was asked before: a second answer takes another way
    const wrong = [authorizer.authorize(asked), authorizer.authorize(asked)]
      .map(answerText)
      .find((ours) => ours !== official);
    return wrong === undefined ? [] : [`${request.description}: ours ${wrong}, official ${official}`];
  });
}

function answerText({ decision, reasons, errors }: CedarAnswer): string {
  const failed = errors.map(({ policyId }) => policyId);
  return textOf(decision, reasons, failed);
}

function textOf(decision: string, reasons: readonly string[], errors: readonly string[]): string {
  return `${decision} because ${[...reasons].sort().join()} despite ${[...errors].sort().join()}`;
}
