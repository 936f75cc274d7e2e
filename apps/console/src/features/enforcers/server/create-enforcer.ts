import { isUniqueViolation } from "@sluice/db";
import { err, newId } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { createEnrolTokenInputSchema, enrolTokenSchema } from "../schemas.ts";
import { issueEnrolToken } from "./issue-enrol-token.ts";

/**
 * Makes an enforcer of a site with its one-time token; for one that has not enrolled yet, a new token in place of the old.
 * The token is shown once and lives 15 minutes.
 */
export async function createEnforcer(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof createEnrolTokenInputSchema>,
): Answer<z.infer<typeof enrolTokenSchema>> {
  const orgId = scope.org.id;
  const { siteId, name } = input;
  const made = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const site = await tx.site.findFirst({ where: { id: siteId } });
      if (!site) return refuse(notFound("site"));
      const known = await tx.enforcer.findFirst({ where: { siteId, name } });
      if (known && known.status !== "pending") {
        return refuse(conflict(`There is an enforcer called ${name} at ${site.slug}: choose another name.`));
      }
      const enforcerId = known?.id ?? newId(deps.clock.now());
      if (!known) await tx.enforcer.create({ data: { id: enforcerId, orgId, siteId, name } });
      const issued = await issueEnrolToken(tx, deps, orgId, enforcerId);
      if (!issued.ok) return refuse(issued.error);
      const expiresAt = issued.value.expiresAt.toISOString();
      notes.record({
        action: known ? "enforcer.token" : "enforcer.add",
        target: `Enforcer::"${name}"`,
        after: { site: site.slug, expiresAt },
      });
      const token = issued.value.token.reveal();
      return { enforcerId, token, expiresAt, command: startLine(token) };
    }),
  );
  return made.catch((error: unknown) => {
    if (isUniqueViolation(error)) return err(conflict("Somebody made this enforcer at the same moment: look again."));
    throw error;
  });
}

/** What to run next to the resource; what stands in angle brackets differs from place to place. */
function startLine(token: string): string {
  return [
    `SLUICE_ENROL_TOKEN='${token}'`,
    "SLUICE_CONTROL_ADDRESS='<control host>:<port>'",
    "SLUICE_CONTROL_CA_FILE='<control-ca.pem>'",
    "SLUICE_STATE_DIR=/var/lib/sluice",
    "sluice-enforcer",
  ].join(" \\\n  ");
}
