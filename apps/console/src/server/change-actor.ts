import type { OrgScope } from "./scope.ts";

/** Who changes something, as the ledger names them. */
export function changeActor(scope: OrgScope) {
  return { type: "User", id: scope.actor.handle, name: scope.actor.name } as const;
}
