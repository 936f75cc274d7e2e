import { canonicalJson, err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import {
  createSnapshot,
  type DecisionRequest,
  type EntityInput,
  entityFromCedarJson,
  entityUid,
  type PolicyEngine,
  type Verdict,
  valueFromCedarJson,
} from "@sluice/policy-engine";
import { z } from "zod";

/** Vectors that one bundle carries at most: a millisecond of the enforcer's load. */
export const VECTORS_MAX = 160;

const uid = z.object({ type: z.string(), id: z.string() });

/** A request with everything it needs, in Cedar's JSON form. */
export const vectorRequestSchema = z.object({
  principal: uid,
  onBehalfOf: uid.optional(),
  /** an action's id */
  action: z.string(),
  resource: uid,
  context: z.record(z.string(), z.unknown()),
  entities: z.array(
    z.object({
      uid,
      attrs: z.record(z.string(), z.unknown()),
      tags: z.record(z.string(), z.unknown()).optional(),
      parents: z.array(uid),
    }),
  ),
});

/** A request and the verdict that the builder's engine gave, after the official engine had agreed. */
export const selfCheckSchema = z.object({
  vectors: z.array(vectorRequestSchema.extend({ expect: z.unknown() })).max(VECTORS_MAX),
});

/** A request with everything it needs. */
export type VectorRequest = z.infer<typeof vectorRequestSchema>;
/** What a bundle carries so that its policies can be checked where they are enforced. */
export type SelfCheck = z.infer<typeof selfCheckSchema>;
/** The policies of a bundle do not decide here as they did where it was built. */
export type SelfCheckError = TaggedError<"bundle.self_check">;

/** What every vector begins with: the actions of the schema, linked once. */
const noEntities = createSnapshot([]);

/** Makes a vector's request ready for an engine; refuses a form that the engine cannot read. */
export function requestOf(vector: VectorRequest): Result<DecisionRequest, TaggedError> {
  const entities: EntityInput[] = [];
  for (const json of vector.entities) {
    const entity = entityFromCedarJson(json);
    if (!entity.ok) return entity;
    entities.push(entity.value);
  }
  const context = valueFromCedarJson(vector.context);
  if (!context.ok) return context;
  const { principal, onBehalfOf, resource } = vector;
  return ok({
    principal: entityUid(principal.type, principal.id),
    onBehalfOf: onBehalfOf && entityUid(onBehalfOf.type, onBehalfOf.id),
    action: entityUid("Action", vector.action),
    resource: entityUid(resource.type, resource.id),
    context: context.value,
    entities: noEntities.with(entities),
  });
}

/** A verdict as vectors carry it: what is enforced of it, in one order, without words for people. */
export function plainVerdict(verdict: Verdict): object {
  const determining = verdict.determining.toSorted();
  const errors = verdict.errors.map(({ policyId }) => policyId).toSorted();
  if (verdict.kind === "deny") return { kind: verdict.kind, code: verdict.code, determining, errors };
  const { masks, ...owed } = verdict.obligations;
  const obligations = { ...owed, masks: Object.fromEntries(masks) };
  const workflows = verdict.kind === "ask" ? { workflows: verdict.workflows.toSorted() } : {};
  return { kind: verdict.kind, ...workflows, determining, errors, obligations };
}

/**
 * Decides every vector again. Refuses when one comes out otherwise than where the bundle was built: an engine that differs, or
 * a machine that errs, must not enforce.
 */
export function recheck(engine: PolicyEngine, { vectors }: SelfCheck): Result<number, SelfCheckError> {
  for (const [at, vector] of vectors.entries()) {
    const request = requestOf(vector);
    const got = request.ok ? canonicalJson(plainVerdict(engine.decide(request.value))) : request.error.code;
    if (request.ok && got === canonicalJson(vector.expect)) continue;
    const text = `The bundle's policies decide ${vector.action} otherwise here than where they were built.`;
    const internal = `vector ${at}: ${text} expected ${canonicalJson(vector.expect)}, got ${got}`;
    return err(taggedError("bundle.self_check", text, { internal, retry: "after-change" }));
  }
  return ok(vectors.length);
}
