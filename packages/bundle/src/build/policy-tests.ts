import { err, ok, type Result } from "@sluice/kernel";
import { z } from "zod";
import { placeInJson } from "./place-in-json.ts";
import type { PlacedProblem } from "./placed-problem.ts";
import { placeFinder } from "./positions.ts";
import type { NamedSuite } from "./run-policy-tests.ts";
import { cedarEntitySchema, type PolicySuite, type PolicyTestCase, policySuiteSchema } from "./test-format.ts";

/** Where a suite's file stands without its ending: beside a policy, or at the top of the folder. */
export const suiteNameSchema = z
  .string()
  .regex(/^(?:(?:guardrails|access|obligations)\/)?[A-Za-z0-9][A-Za-z0-9%._-]{0,399}$/);

/** Every test of an org's policies: entities that all suites share, and the suites by name. */
export const policyTestsSchema = z.strictObject({
  entities: z.array(cedarEntitySchema).default([]),
  suites: z.record(suiteNameSchema, policySuiteSchema).default({}),
});

/** The tests that belong to a set of policies. */
export type PolicyTests = z.infer<typeof policyTestsSchema>;

/** No tests at all. */
export const noTests: PolicyTests = { entities: [], suites: {} };

/** The suites with the entities they share in each, in the order of their names. */
export function suitesOf({ entities, suites }: PolicyTests): NamedSuite[] {
  return Object.entries(suites)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, suite]) => ({ ...suite, name, entities: [...entities, ...suite.entities] }));
}

/** A suite as its file says it: what is empty left out, fields in the order people read them. */
export function suiteText({ entities, cases }: PolicySuite): string {
  return jsonText({
    ...(entities.length > 0 ? { entities: entities.map(plainEntity) } : {}),
    cases: cases.map(plainCase),
  });
}

/** The file of the entities that all suites share. */
export function entitiesText(entities: PolicyTests["entities"]): string {
  return jsonText(entities.map(plainEntity));
}

/** Reads one file of cases. Refuses with every place that is not as it should be. */
export function readSuite(file: string, text: string): Result<PolicySuite, readonly PlacedProblem[]> {
  return readJson(file, text, policySuiteSchema);
}

/** Reads the file of shared entities. */
export function readEntities(file: string, text: string): Result<PolicyTests["entities"], readonly PlacedProblem[]> {
  return readJson(file, text, z.array(cedarEntitySchema));
}

function readJson<T>(file: string, text: string, schema: z.ZodType<T>): Result<T, readonly PlacedProblem[]> {
  const problem = (at: number, message: string): PlacedProblem => {
    return { file, ...placeFinder(text)(at), severity: "error", code: "bad_tests", message };
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "not JSON";
    const at = Number(/position (\d+)/.exec(why)?.[1] ?? text.length);
    return err([
      problem(at, `This is not JSON: ${why.replace(/ in JSON at position.*$/s, "").replaceAll(/\s+/g, " ")}.`),
    ]);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  return err(
    parsed.error.issues.map(({ path, message }) => {
      const where = path.length === 0 ? "" : `${path.join(".")}: `;
      return problem(placeInJson(text, path), `${where}${message}.`);
    }),
  );
}

function plainEntity({ uid, attrs, tags, parents }: PolicyTests["entities"][number]): object {
  return { uid, ...filled({ attrs, tags }), ...(parents.length > 0 ? { parents } : {}) };
}

function plainCase({ name, principal, onBehalfOf, action, resource, context, expect }: PolicyTestCase): object {
  const person = onBehalfOf === undefined ? {} : { onBehalfOf };
  return { name, principal, ...person, action, resource, ...filled({ context }), expect };
}

function filled(records: Readonly<Record<string, Readonly<Record<string, unknown>>>>): object {
  return Object.fromEntries(Object.entries(records).filter(([, record]) => Object.keys(record).length > 0));
}

function jsonText(json: unknown): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}
