import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { enforcerDetailSchema, enforcerInputSchema } from "../schemas.ts";
import { viewEnforcer } from "./enforcer-view.ts";

const BUNDLES_SHOWN = 20;

/** One enforcer with the newest bundles of its site. */
export async function readEnforcer(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof enforcerInputSchema>,
): Answer<z.infer<typeof enforcerDetailSchema>> {
  return scope.data.tx(async (tx) => {
    const enforcer = await tx.enforcer.findFirst({ where: { id: input.id }, include: { site: true } });
    if (!enforcer) return err(notFound("enforcer"));
    const resources = await tx.resource.findMany({ select: { id: true, name: true } });
    const bundles = await tx.bundle.findMany({
      where: { siteId: enforcer.siteId },
      orderBy: { version: "desc" },
      take: BUNDLES_SHOWN,
      select: { version: true, digest: true, policyVersion: true, cause: true, createdAt: true },
    });
    const names = new Map(resources.map(({ id, name }) => [id, name]));
    return ok({
      ...viewEnforcer(enforcer, names, deps.clock.now()),
      ackedSeq: Number(enforcer.ackedSeq),
      chainHead: enforcer.chainHead ? Buffer.from(enforcer.chainHead).toString("hex") : null,
      certificateSerial: enforcer.certificateSerial,
      appliedDigest: enforcer.appliedDigest,
      createdAt: enforcer.createdAt.toISOString(),
      bundles: bundles.map((bundle) => ({ ...bundle, createdAt: bundle.createdAt.toISOString() })),
    });
  });
}
