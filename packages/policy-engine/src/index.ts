export { sluiceActions } from "./actions.ts";
export {
  type AnnotationProblem,
  type AnnotationRule,
  annotationRegistry,
  readAnnotations,
  type SetName,
} from "./annotations.ts";
export { type CedarAnswer, type CedarAuthorizer, loadCedar } from "./cedar.ts";
export type * from "./contract.ts";
export { coveringGrant, type Grant, grantsOf } from "./grants.ts";
export { type Flip, type FlipKind, flipOf, type Impact, impactOf, type RecordedDecision } from "./impact.ts";
export { CEDAR_LANGUAGE, load } from "./load.ts";
export { mergeObligations, noObligations } from "./obligations.ts";
export { schemaText } from "./schema-text.ts";
export { SCHEMA_VERSION, schemaVersionsRead } from "./schema-version.ts";
export { createSnapshot } from "./snapshot.ts";
export { entityUid, value } from "./values/construct.ts";
export { entityFromCedarJson, type JsonValueError, valueFromCedarJson } from "./values/from-json.ts";
export { printValue } from "./values/print.ts";
export { type CedarJson, valueToCedarJson } from "./values/to-json.ts";
