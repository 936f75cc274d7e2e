import type { OrgScope } from "../scope.ts";
import { type Permission, roleAllows } from "./permissions.ts";

/** Why this member may not, in one sentence that says what would help; undefined when they may. */
export function refusedFor(scope: OrgScope, permission: Permission): string | undefined {
  if (roleAllows(scope.actor.role, permission)) return undefined;
  return `Your role (${scope.actor.role}) does not include ${permission}. An admin of ${scope.org.name} can change roles.`;
}
