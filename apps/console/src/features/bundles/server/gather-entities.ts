import type { BundleContent } from "@sluice/bundle";
import type { OrgTx } from "@sluice/db";

type Entity = BundleContent["entities"][number];
type Uid = Entity["uid"];

const ref = (type: string, id: string) => ({ __entity: { type, id } });
const datetime = (at: Date) => ({ __extn: { fn: "datetime", arg: at.toISOString() } });
const uid = (type: string, id: string): Uid => ({ type, id });

/** The site whose bundle is built. */
export interface BundleSite {
  readonly orgId: string;
  readonly orgSlug: string;
  readonly siteId: string;
  readonly siteSlug: string;
}

/**
 * Everything that policies can refer to, in Cedar's JSON form: org, site, groups, people, agents, databases of the site with
 * their environments, data classes and the grants that are not over. Removed people and agents are not entities any more.
 */
export async function gatherEntities(tx: OrgTx, site: BundleSite, now: Date): Promise<Entity[]> {
  const [groups, people, agents, resources, classes, grants] = [
    await tx.principalGroup.findMany({ orderBy: { name: "asc" } }),
    await tx.member.findMany({
      where: { status: "active" },
      include: { memberships: { include: { group: true } } },
      orderBy: { handle: "asc" },
    }),
    await tx.agent.findMany({
      where: { status: "active" },
      include: { memberships: { include: { group: true } }, onBehalfOf: true },
      orderBy: { handle: "asc" },
    }),
    await tx.resource.findMany({ where: { siteId: site.siteId }, orderBy: { name: "asc" } }),
    await tx.dataClass.findMany({ orderBy: { name: "asc" } }),
    await tx.accessGrant.findMany({
      where: { revokedAt: null, endsAt: { gt: now }, principalType: "User", resource: { siteId: site.siteId } },
      include: { resource: true },
      orderBy: { id: "asc" },
    }),
  ];
  const org = uid("Org", site.orgSlug);
  const siteUid = uid("Site", `${site.orgSlug}/${site.siteSlug}`);
  const handleOf = new Map(people.map((person) => [person.id, person.handle]));
  return [
    { uid: org, attrs: {}, parents: [] },
    { uid: siteUid, attrs: {}, parents: [org] },
    ...groups.map((group) => ({ uid: uid("Group", group.name), attrs: {}, parents: [] })),
    ...people.map(({ handle, email, name, memberships }) => ({
      uid: uid("User", handle),
      attrs: { handle, email, name },
      parents: groupsOf(memberships),
    })),
    ...agents.map(({ handle, name, model, onBehalfOf, memberships }) => ({
      uid: uid("Agent", handle),
      attrs: {
        handle,
        name,
        ...(model === null ? {} : { model }),
        ...(onBehalfOf ? { onBehalfOf: ref("User", onBehalfOf.handle) } : {}),
      },
      parents: groupsOf(memberships),
    })),
    ...resources.map(({ name, kind, environment, tags }) => ({
      uid: uid("Database", name),
      attrs: { name, kind, environment },
      tags: tagsOf(tags),
      parents: [siteUid, uid("Environment", environment)],
    })),
    ...[...new Set(resources.map(({ environment }) => environment))].map((environment) => ({
      uid: uid("Environment", environment),
      attrs: {},
      parents: [],
    })),
    ...classes.map(({ name }) => ({ uid: uid("DataClass", name), attrs: { name }, parents: [] })),
    ...grants.flatMap((grant) => {
      const handle = handleOf.get(grant.principalId);
      return handle === undefined ? [] : [grantEntity(grant, handle)];
    }),
  ];
}

function groupsOf(memberships: readonly { readonly group: { readonly name: string } }[]): Uid[] {
  return memberships.map(({ group }) => uid("Group", group.name)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function tagsOf(tags: unknown): Record<string, string> {
  if (typeof tags !== "object" || tags === null) return {};
  return Object.fromEntries(Object.entries(tags).filter(([, value]) => typeof value === "string"));
}

function grantEntity(
  grant: { id: string; actions: string[]; startsAt: Date; endsAt: Date; resource: { name: string } },
  handle: string,
): Entity {
  return {
    uid: uid("Grant", grant.id),
    attrs: {
      principal: ref("User", handle),
      resource: ref("Database", grant.resource.name),
      actions: [...grant.actions].sort(),
      startsAt: datetime(grant.startsAt),
      endsAt: datetime(grant.endsAt),
    },
    parents: [],
  };
}
