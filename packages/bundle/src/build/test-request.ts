import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import {
  createSnapshot,
  type DecisionRequest,
  type EntityInput,
  type EntitySnapshot,
  entityFromCedarJson,
  entityUid,
  type JsonValueError,
  valueFromCedarJson,
} from "@sluice/policy-engine";
import { neutralContext } from "./neutral-context.ts";
import { plainObject } from "./plain-objects.ts";
import { noAction, noContext, noEntityType } from "./schema-words.ts";
import type { PolicySuite, PolicyTestCase } from "./test-format.ts";

/** Why a test cannot be put to the engine. */
export type TestInputError = JsonValueError | TaggedError<"policy.bad_test">;

/** The entities of a suite. */
export function readSuiteEntities(suite: PolicySuite): Result<EntitySnapshot, TestInputError> {
  const entities: EntityInput[] = [];
  for (const json of suite.entities) {
    const entity = entityFromCedarJson(json);
    if (!entity.ok) return entity;
    entities.push(entity.value);
  }
  return ok(createSnapshot(entities));
}

/**
 * The request of a case, its context completed with what a plain exchange has, and an object of a database that the suite does
 * not describe as an enforcer makes one up. Refuses words that the schema does not know: a case with a typo would test nothing.
 */
export function readTestRequest(
  test: PolicyTestCase,
  entities: EntitySnapshot,
): Result<DecisionRequest, TestInputError> {
  const principal = readUid(test.principal);
  const resource = readUid(test.resource);
  const onBehalfOf = test.onBehalfOf === undefined ? undefined : readUid(test.onBehalfOf);
  if (
    principal === undefined ||
    resource === undefined ||
    (test.onBehalfOf !== undefined && onBehalfOf === undefined)
  ) {
    return refuse(`An entity of the test "${test.name}" is not written like User::"ana".`);
  }
  const unknown =
    noAction(test.action) ??
    noEntityType(principal.type) ??
    noEntityType(resource.type) ??
    noContext(test.action, test.context);
  if (unknown !== undefined) return refuse(unknown);
  const context = valueFromCedarJson(testContext(test));
  if (!context.ok) return context;
  const made = entities.has(resource) ? [] : plainObject(resource).filter(({ uid }) => !entities.has(uid));
  const action = entityUid("Action", test.action);
  return ok({ principal, onBehalfOf, action, resource, context: context.value, entities: entities.with(made) });
}

/** What about the people of a case is easily overlooked, in words. */
export function notesOn({ onBehalfOf, principal }: DecisionRequest, entities: EntitySnapshot): string[] {
  return [principal, onBehalfOf].flatMap((uid) =>
    uid === undefined || entities.has(uid)
      ? []
      : [
          `${uid.type}::${JSON.stringify(uid.id)} is not among the tests' entities: it is in no group and has no attributes`,
        ],
  );
}

function refuse(text: string): Result<never, TestInputError> {
  return err(taggedError("policy.bad_test", text, { retry: "after-change" }));
}

/** The whole context of a case in Cedar's JSON form. */
export function testContext({ action, context }: PolicyTestCase): Record<string, unknown> {
  return layered(neutralContext(action), context);
}

function layered(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, item] of Object.entries(over)) {
    const below = merged[name];
    const both = isPlain(below) && isPlain(item);
    merged[name] = both ? layered(below, item) : item;
  }
  return merged;
}

function isPlain(json: unknown): json is Readonly<Record<string, unknown>> {
  return (
    typeof json === "object" && json !== null && !Array.isArray(json) && !("__extn" in json) && !("__entity" in json)
  );
}

/** Reads `Type::"id"` with Cedar's string escapes that JSON has too. */
export function readUid(text: string): ReturnType<typeof entityUid> | undefined {
  const at = text.indexOf('::"');
  if (at < 0) return undefined;
  try {
    const id: unknown = JSON.parse(text.slice(at + 2));
    return typeof id === "string" ? entityUid(text.slice(0, at), id) : undefined;
  } catch {
    return undefined; // not a JSON string: refused above by name
  }
}
