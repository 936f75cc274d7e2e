export { type Change, type ChangeActor, recordChange, systemActor } from "./server/record-change.ts";
export { storableObject } from "./server/storable.ts";
