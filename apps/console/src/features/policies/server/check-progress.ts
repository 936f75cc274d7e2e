import type { OnProgress } from "@sluice/bundle/build";
import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { checkProgressSchema } from "../schemas.ts";

type Progress = z.infer<typeof checkProgressSchema>;

/** One for each org that checked something here; small, and orgs are few. */
const newest = new Map<string, Progress>();

/** Notes how far this process is with checking an org's policies for the first time. */
export function progressOf({ org }: OrgScope): OnProgress {
  return ({ done, total }) => void newest.set(org.id, { done, total });
}

/**
 * How far checking or building the org's policies is, while it takes long: only what nobody asked about before does. All
 * zero when nothing is known. Of the process that answers: with several, another one may be at it.
 */
export async function readCheckProgress(_deps: Deps, { org }: OrgScope): Answer<Progress> {
  return ok(newest.get(org.id) ?? { done: 0, total: 0 });
}
