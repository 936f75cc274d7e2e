import { ok } from "@sluice/kernel";
import { permissionsOf } from "../../../server/auth/permissions.ts";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { countWaiting } from "../../approvals/index.ts";
import type { Me } from "../schemas.ts";

/** Who is signed in, what they can do and what waits for them. */
export async function readMe(deps: Deps, scope: OrgScope): Answer<Me> {
  const { memberId: id, handle, name, email, role, groups } = scope.actor;
  const { waitingForMe } = await scope.data.tx((tx) => countWaiting(tx, scope.actor, deps.clock.now()));
  return ok({
    member: { id, handle, name, email },
    org: { id: scope.org.id, slug: scope.org.slug, name: scope.org.name },
    role,
    groups: [...groups],
    permissions: permissionsOf(role),
    approvals: { waitingForMe },
  });
}
