import { preparePolicies } from "@sluice/bundle/build";
import { err, ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../../server/deps.ts";
import { notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import type {
  PublishRequestView,
  publishRequestDetailSchema,
  publishRequestListSchema,
  requestInputSchema,
} from "../../request-schemas.ts";
import { compareStates } from "../compare-states.ts";
import { viewImpact } from "../impact/impact-view.ts";
import { parseTests, readWithTests } from "../tests/stored-tests.ts";
import { findRequest, findRequests, viewRequests } from "./request-view.ts";

const DECIDED_SHOWN = 20;

/** All that wait for a second person, and the newest of the others. */
export async function listRequests(deps: Deps, scope: OrgScope): Answer<z.infer<typeof publishRequestListSchema>> {
  return scope.data.tx(async (tx) => {
    const found = await findRequests(tx, DECIDED_SHOWN);
    return ok({ items: await viewRequests(tx, scope, found, deps.clock.now()) });
  });
}

/** One request. */
export async function readRequest(
  deps: Deps,
  scope: OrgScope,
  { id }: z.infer<typeof requestInputSchema>,
): Answer<PublishRequestView> {
  return scope.data.tx(async (tx) => {
    const found = await findRequest(tx, id);
    const [view] = found ? await viewRequests(tx, scope, [found], deps.clock.now()) : [];
    return view ? ok(view) : err(notFound("publish request"));
  });
}

/** One request with its change and its effect: what a second person decides by. */
export async function showRequest(
  deps: Deps,
  scope: OrgScope,
  { id }: z.infer<typeof requestInputSchema>,
): Answer<z.infer<typeof publishRequestDetailSchema>> {
  const read = await scope.data.tx(async (tx) => {
    const found = await findRequest(tx, id);
    const [view] = found ? await viewRequests(tx, scope, [found], deps.clock.now()) : [];
    if (!found || !view) return undefined;
    const before = await readWithTests(tx, found.baseVersion);
    if (!before) throw new Error("a request is about a version that was never published");
    const impact = await tx.policyImpact.findUniqueOrThrow({ where: { id: found.impactId } });
    return { found, view, before, impact: await viewImpact(tx, deps, scope, impact) };
  });
  if (!read) return err(notFound("publish request"));
  const { before, found, impact, view } = read;
  const { access, guardrails, obligations } = found;
  const after = { texts: { guardrails, access, obligations }, tests: parseTests(found.tests) };
  await preparePolicies(before.texts);
  await preparePolicies(after.texts);
  const { sets, tests } = compareStates(before, after);
  return ok({ ...view, sets, tests, impact });
}
