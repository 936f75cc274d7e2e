import type { EntityInput } from "./contract.ts";
import { groupsByAction } from "./schema-actions.ts";
import { internUid } from "./values/uid.ts";

/** The actions of the shipped schema as entities. */
export function sluiceActions(): EntityInput[] {
  return Object.entries(groupsByAction).map(([id, groups]) => ({
    uid: internUid("Action", id),
    attrs: {},
    parents: groups.map((group) => internUid("Action", group)),
  }));
}
