import { ok } from "@sluice/kernel";
import type { z } from "zod";
import { roleAllows } from "../../../server/auth/permissions.ts";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { facetsSchema } from "../schemas.ts";

const FACET_VALUES_MAX = 500;
const RECENT_RECORDS = 5_000;

/** What the filter boxes can offer: everybody and everything the org has, and the actions of recent records. */
export async function readFacets(_deps: Deps, scope: OrgScope): Answer<z.infer<typeof facetsSchema>> {
  const [people, agents, resources, classes] = await scope.data.tx((tx) =>
    Promise.all([
      tx.member.findMany({ orderBy: { handle: "asc" }, take: FACET_VALUES_MAX }),
      tx.agent.findMany({ orderBy: { handle: "asc" }, take: FACET_VALUES_MAX, include: { onBehalfOf: true } }),
      tx.resource.findMany({ orderBy: { name: "asc" }, take: FACET_VALUES_MAX, select: { name: true } }),
      tx.dataClass.findMany({ orderBy: { name: "asc" }, take: FACET_VALUES_MAX, select: { name: true } }),
    ]),
  );
  const { rows } = await scope.data.sql((sql) =>
    sql.query<{ action: string }>(
      `SELECT DISTINCT unnest("actions") AS action
       FROM (SELECT "actions" FROM "record" ORDER BY "at" DESC LIMIT ${RECENT_RECORDS}) recent
       ORDER BY action LIMIT ${FACET_VALUES_MAX}`,
    ),
  );
  const seesAll = roleAllows(scope.actor.role, "records:read");
  const mine = scope.actor.handle;
  return ok({
    principals: [
      ...people
        .filter((person) => seesAll || person.handle === mine)
        .map(({ handle, name }) => ({ type: "User", handle, name })),
      ...agents
        .filter((agent) => seesAll || agent.onBehalfOf?.handle === mine)
        .map(({ handle, name }) => ({ type: "Agent", handle, name })),
    ],
    resources: resources.map(({ name }) => name),
    actions: rows.map(({ action }) => action),
    dataClasses: classes.map(({ name }) => name),
  });
}
