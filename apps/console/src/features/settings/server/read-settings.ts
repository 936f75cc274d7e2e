import { keyIdOf } from "@sluice/bundle";
import { ok } from "@sluice/kernel";
import type { z } from "zod";
import { permissionsOf, roleSchema } from "../../../server/auth/permissions.ts";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { workflowStepsSchema } from "../../approvals/index.ts";
import type { settingsSchema } from "../schemas.ts";
import { viewConnection } from "./connection-view.ts";

/** What the org has set: itself, sites, sign-in, keys (public parts only), workflows, roles. */
export async function readSettings(_deps: Deps, scope: OrgScope): Answer<z.infer<typeof settingsSchema>> {
  return scope.data.tx(async (tx) => {
    const org = await tx.org.findUniqueOrThrow({ where: { id: scope.org.id } });
    const sites = await tx.site.findMany({ orderBy: { slug: "asc" }, select: { id: true, slug: true, name: true } });
    const connections = await tx.identityConnection.findMany({ orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
    const keys = await tx.signingKey.findMany({
      where: { retiredAt: null, purpose: { not: "mask" } },
      orderBy: { purpose: "asc" },
      select: { id: true, purpose: true, algorithm: true, publicKey: true, createdAt: true },
    });
    const workflows = await tx.workflow.findMany({ orderBy: { name: "asc" } });
    const members = await tx.member.groupBy({ by: ["role"], where: { status: "active" }, _count: true });
    const counts = new Map(members.map(({ role, _count }) => [role, _count]));
    return ok({
      org: { id: org.id, slug: org.slug, name: org.name, createdAt: org.createdAt.toISOString() },
      sites,
      connections: connections.map((connection, index) => viewConnection(scope.org, connection, index)),
      keys: keys.map(({ id, purpose, algorithm, publicKey, createdAt }) => ({
        id,
        purpose,
        algorithm,
        keyId: keyIdOf(publicKey),
        createdAt: createdAt.toISOString(),
      })),
      workflows: workflows.map(({ id, name, description, timeoutS, steps }) => ({
        id,
        name,
        description,
        timeoutS,
        steps: workflowStepsSchema.parse(steps).map(({ group, needed }) => ({ group, count: needed })),
      })),
      roles: roleSchema.options.map((role) => ({
        role,
        permissions: permissionsOf(role),
        members: counts.get(role) ?? 0,
      })),
    });
  });
}
