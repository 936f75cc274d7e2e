import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { policyVersionSchema } from "../schemas.ts";
import { viewVersion } from "./version-view.ts";

/** The newest published state; an org that never published has version 0 with empty sets, which denies everything. */
export async function readCurrentPolicies(deps: Deps, scope: OrgScope): Answer<z.infer<typeof policyVersionSchema>> {
  const stored = await scope.data.tx((tx) => tx.policyVersion.findFirst({ orderBy: { version: "desc" } }));
  if (stored) return ok(await viewVersion(scope, stored));
  const empty = { guardrails: "", access: "", obligations: "" };
  return ok({
    version: 0,
    note: "",
    author: null,
    approvedBy: null,
    createdAt: new Date(deps.clock.now()).toISOString(),
    sets: empty,
    tests: {},
    draft: null,
    testsFailed: 0,
    testsOverride: null,
    policies: [],
    rollout: { applied: 0, total: 0 },
    current: true,
  });
}
