import { schemaToJson } from "@cedar-policy/cedar-wasm/nodejs";
import { ok } from "@sluice/kernel";
import { annotationRegistry, schemaText, sluiceActions } from "@sluice/policy-engine";
import { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { relationNames } from "../../resources/catalogue.ts";
import type { vocabularySchema } from "../question-schemas.ts";

type Vocabulary = z.infer<typeof vocabularySchema>;
const NAMES_MAX = 2_000;

/** What the editor can complete and the question forms can offer: the schema's words and the org's own names. */
export async function readVocabulary(_deps: Deps, scope: OrgScope): Answer<Vocabulary> {
  const byHandle = { where: { status: "active" }, orderBy: { handle: "asc" }, take: NAMES_MAX } as const;
  const byName = { orderBy: { name: "asc" }, take: NAMES_MAX, select: { name: true } } as const;
  const names = await scope.data.tx(async (tx) => ({
    users: await tx.member.findMany(byHandle),
    agents: await tx.agent.findMany(byHandle),
    groups: await tx.principalGroup.findMany(byName),
    resources: await tx.resource.findMany({ orderBy: { name: "asc" }, take: NAMES_MAX }),
    dataClasses: await tx.dataClass.findMany(byName),
    workflows: await tx.workflow.findMany(byName),
  }));
  return ok({
    ...schemaWords(),
    annotations: annotationRegistry.map(({ name, form, meaning }) => ({ name, help: `${meaning} (${form})` })),
    groups: names.groups.map(({ name }) => name),
    users: names.users.map(({ handle }) => handle),
    agents: names.agents.map(({ handle }) => handle),
    databases: names.resources.map(({ name }) => name),
    tables: names.resources
      .flatMap(({ name, catalogue }) => relationNames(catalogue).map((relation) => `${name}/${relation}`))
      .slice(0, NAMES_MAX),
    dataClasses: names.dataClasses.map(({ name }) => name),
    workflows: names.workflows.map(({ name }) => name),
  });
}

type SchemaWords = Pick<Vocabulary, "actions" | "entityTypes" | "contextFields">;
let words: SchemaWords | undefined;

const shapeSchema = z.looseObject({ attributes: z.record(z.string(), z.unknown()).default({}) });
const namespaceSchema = z.looseObject({
  entityTypes: z.record(z.string(), z.looseObject({ shape: shapeSchema.optional() })),
  commonTypes: z.record(z.string(), shapeSchema.partial()).default({}),
  actions: z.record(
    z.string(),
    z.looseObject({ appliesTo: z.looseObject({ resourceTypes: z.array(z.string()).default([]) }).nullish() }),
  ),
});

/** The schema ships with the product: read once per process. */
function schemaWords(): SchemaWords {
  if (words) return words;
  const parsed = schemaToJson(schemaText);
  if (parsed.type === "failure") throw new Error("the shipped schema does not parse", { cause: parsed.errors });
  const namespace = namespaceSchema.parse(parsed.json[""]);
  const groups = new Map(sluiceActions().map(({ uid, parents }) => [uid.id, parents.map(({ id }) => id)]));
  const fields = (type: string) => Object.keys(namespace.commonTypes[type]?.attributes ?? {});
  words = {
    actions: Object.entries(namespace.actions).map(([id, { appliesTo }]) => ({
      id,
      resourceTypes: appliesTo?.resourceTypes ?? [],
      groups: groups.get(id) ?? [],
    })),
    entityTypes: Object.entries(namespace.entityTypes).map(([name, { shape }]) => ({
      name,
      attributes: Object.keys(shape?.attributes ?? {}),
    })),
    contextFields: [
      ...fields("SqlContext").filter((field) => field !== "sql" && field !== "client" && field !== "approval"),
      ...fields("Client").map((field) => `client.${field}`),
      ...fields("Approval").map((field) => `approval.${field}`),
      ...fields("Sql").map((field) => `sql.${field}`),
      "table",
      "database",
      "column",
    ],
  };
  return words;
}
