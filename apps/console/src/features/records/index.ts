export {
  type Change,
  type ChangeActor,
  CONSOLE_ENFORCER_ID,
  recordChange,
  systemActor,
} from "./server/record-change.ts";
export { storableObject } from "./server/storable.ts";
