export { AssertionError, assert, assertNever } from "./assert.ts";
export { canonicalJson } from "./canonical-json.ts";
export { type Clock, manualClock, systemClock } from "./clock.ts";
export { type Retry, type TaggedError, taggedError } from "./errors.ts";
export { newId, uuidV7 } from "./ids.ts";
export { err, ok, type Result, unwrap } from "./result.ts";
export { Secret } from "./secret.ts";
