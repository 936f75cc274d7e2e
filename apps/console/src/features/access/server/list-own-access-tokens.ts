import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { accessTokenListSchema } from "../schemas.ts";
import { ownPrincipals } from "./own-principals.ts";

const TOKENS_SHOWN = 200;

/** Tokens of oneself and one's agents that still work, newest first. */
export async function listOwnAccessTokens(deps: Deps, scope: OrgScope): Answer<z.infer<typeof accessTokenListSchema>> {
  const own = await ownPrincipals(scope);
  const tokens = await scope.data.tx((tx) =>
    tx.accessToken.findMany({
      where: { principalId: { in: [...own.keys()] }, revokedAt: null, expiresAt: { gt: new Date(deps.clock.now()) } },
      orderBy: { issuedAt: "desc" },
      take: TOKENS_SHOWN,
      include: { site: true },
    }),
  );
  return ok({
    items: tokens.map(({ id, name, principalType, principalId, site, issuedAt, expiresAt }) => ({
      id,
      name,
      principal: { type: principalType, handle: own.get(principalId) ?? "" },
      site: site.slug,
      issuedAt: issuedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    })),
  });
}
