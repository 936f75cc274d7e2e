import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { apiTokenListSchema } from "../schemas.ts";

const TOKENS_SHOWN = 200;

/** One's own API tokens, newest first, ended ones too. */
export async function readApiTokens(_deps: Deps, scope: OrgScope): Answer<z.infer<typeof apiTokenListSchema>> {
  const tokens = await scope.data.tx((tx) =>
    tx.apiToken.findMany({
      where: { memberId: scope.actor.memberId },
      orderBy: { createdAt: "desc" },
      take: TOKENS_SHOWN,
      omit: { tokenHash: true },
    }),
  );
  return ok({
    items: tokens.map(({ id, name, createdAt, expiresAt, revokedAt }) => ({
      id,
      name,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      revokedAt: revokedAt?.toISOString() ?? null,
    })),
  });
}
