import { isUniqueViolation } from "@sluice/db";
import { err, newId } from "@sluice/kernel";
import type { z } from "zod";
import { secretPlace } from "../../../server/auth/connections.ts";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { conflict, invalid, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { identityConnectionSchema, updateConnectionInputSchema } from "../schemas.ts";
import { type StoredConnection, viewConnection } from "./connection-view.ts";

/**
 * Adds or changes an OpenID Connect provider. The client secret is sealed before it is stored, never shown again, and
 * stays with the issuer that it was given for. The last provider that is switched on cannot be switched off: nobody could sign in to switch it on again.
 */
export async function saveConnection(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof updateConnectionInputSchema>,
): Answer<z.infer<typeof identityConnectionSchema>> {
  const orgId = scope.org.id;
  const id = input.id ?? newId(deps.clock.now());
  const { name, clientId, enabled, clientSecret, trustsEmail } = input;
  const fields = { name, clientId, enabled, trustsEmail, issuer: input.issuer.replace(/\/+$/, "") };
  const sealed = clientSecret && { sealedSecret: deps.sealer.seal(Buffer.from(clientSecret), secretPlace(orgId, id)) };
  const saved = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const before = await tx.identityConnection.findFirst({ where: { id }, omit: { sealedSecret: true } });
      if (!before && input.id !== undefined) return refuse(notFound("connection"));
      // the stored secret is for the provider that it was given for: elsewhere it would be handed to whoever answers there
      if (before && before.issuer !== fields.issuer && !sealed) {
        return refuse(invalid("Another issuer needs its own client secret: enter it again."));
      }
      if (before) await tx.identityConnection.update({ where: { id }, data: { ...fields, ...sealed } });
      else if (sealed) await tx.identityConnection.create({ data: { id, orgId, ...fields, ...sealed } });
      else return refuse(invalid("A new connection needs its client secret."));
      const all = await tx.identityConnection.findMany({
        orderBy: [{ createdAt: "asc" }, { id: "asc" }],
        omit: { sealedSecret: true },
      });
      if (!all.some((connection) => connection.enabled)) {
        return refuse(invalid("One connection must stay on, or nobody could sign in."));
      }
      notes.record({
        action: before ? "identity_connection.update" : "identity_connection.create",
        target: `IdentityConnection::"${id}"`,
        ...(before ? { before: pick(before) } : {}),
        after: { ...fields, secretChanged: clientSecret !== undefined },
      });
      const index = all.findIndex((connection) => connection.id === id);
      const stored = all[index];
      return stored ? viewConnection(scope.org, stored, index) : refuse(notFound("connection"));
    }),
  );
  return saved.catch((error: unknown) => {
    if (isUniqueViolation(error)) return err(conflict("There is a connection to this issuer already."));
    throw error;
  });
}

function pick({ clientId, enabled, issuer, name, trustsEmail }: StoredConnection) {
  return { name, issuer, clientId, enabled, trustsEmail };
}
