import { createPublicKey } from "node:crypto";
import { type BundleContent, recheck, type SelfCheckError, type VerifiedBundle } from "@sluice/bundle";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import {
  createSnapshot,
  type EntityInput,
  type EntitySnapshot,
  type EntityUid,
  entityFromCedarJson,
  load,
  type PolicyEngine,
  schemaVersionsRead,
} from "@sluice/policy-engine";
import type { LoadedBundle } from "./site.ts";

/** Why a verified bundle cannot be worked with by this version of the enforcer. */
export type LoadRefusal =
  | TaggedError<"bundle.unknown_schema" | "bundle.bad_policies" | "bundle.bad_entities" | "bundle.bad_token_key">
  | SelfCheckError;

/**
 * Makes a verified bundle ready to decide with: policies compiled and found to decide as where they were built, entities linked.
 * Never throws on bad input.
 */
export function loadBundle(verified: VerifiedBundle): Result<LoadedBundle, LoadRefusal> {
  const { content, digest } = verified;
  const badKey = firstBadTokenKey(content);
  if (badKey !== undefined) {
    return err(taggedError("bundle.bad_token_key", `The bundle's token key ${badKey} cannot be read.`));
  }
  const engine = loadPolicies(content);
  if (!engine.ok) return engine;
  const same = content.selfCheck === undefined ? ok(0) : recheck(engine.value, content.selfCheck);
  if (!same.ok) return same;
  const entities = loadEntities(content);
  return entities.ok ? ok({ content, digest, engine: engine.value, entities: entities.value }) : entities;
}

/** The policies of a bundle or a candidate, compiled. */
export function loadPolicies(
  content: Pick<BundleContent, "schemaVersion" | "policies">,
): Result<PolicyEngine, TaggedError<"bundle.unknown_schema" | "bundle.bad_policies">> {
  if (!schemaVersionsRead.has(content.schemaVersion)) return err(unknownSchema(content.schemaVersion));
  const engine = load(content.policies);
  if (engine.ok) return engine;
  const { public: text, internal, code } = engine.error;
  return err(taggedError("bundle.bad_policies", text, { internal: `${code}: ${internal}`, retry: "after-change" }));
}

/** The entities of a bundle, linked. */
export function loadEntities(
  content: Pick<BundleContent, "entities">,
): Result<EntitySnapshot, TaggedError<"bundle.bad_entities">> {
  const entities = new Map<EntityUid, EntityInput>();
  for (const json of content.entities) {
    const entity = entityFromCedarJson(json);
    if (!entity.ok) return err(badEntities(entity.error.public));
    entities.set(entity.value.uid, entity.value);
  }
  const deep = firstTooDeep(entities);
  if (deep !== undefined) {
    const name = `${deep.type}::${JSON.stringify(deep.id)}`;
    return err(badEntities(`${name} is in more than ${ANCESTORS_MAX} others, which an enforcer does not follow.`));
  }
  return ok(createSnapshot(entities.values()));
}

function badEntities(text: string): TaggedError<"bundle.bad_entities"> {
  return taggedError("bundle.bad_entities", text, { retry: "after-change" });
}

/** How many others one entity may be in, directly or not: each costs time and memory whenever a bundle is loaded. */
const ANCESTORS_MAX = 1_000;

function firstTooDeep(entities: ReadonlyMap<EntityUid, EntityInput>): EntityUid | undefined {
  for (const { parents, uid } of entities.values()) {
    // a set's iteration reaches what is added meanwhile, and ends on cycles
    const above = new Set<EntityUid>(parents);
    for (const ancestor of above) {
      for (const parent of entities.get(ancestor)?.parents ?? []) above.add(parent);
      if (above.size > ANCESTORS_MAX) return uid;
    }
  }
  return undefined;
}

function unknownSchema(version: number): TaggedError<"bundle.unknown_schema"> {
  const read = [...schemaVersionsRead].join(" and ");
  const text = `The bundle's policies are written for schema version ${version}; this enforcer reads ${read}. Update it.`;
  return taggedError("bundle.unknown_schema", text, { retry: "after-change" });
}

function firstBadTokenKey(content: BundleContent): string | undefined {
  return content.tokenKeys.find(({ jwk }) => {
    try {
      return createPublicKey({ key: jwk, format: "jwk" }).asymmetricKeyType !== "ed25519";
    } catch {
      return true; // no key at all: refused by name
    }
  })?.kid;
}
