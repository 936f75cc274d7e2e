import { createHash, randomBytes } from "node:crypto";
import { buildPolicies } from "@sluice/bundle/build";
import { starterPolicies, starterTests } from "@sluice/bundle/starter";
import type { Db, OrgTx } from "@sluice/db";
import { newId, unwrap } from "@sluice/kernel";
import { issueAccessToken } from "../features/access-tokens/index.ts";
import { type ChangeNotes, changeOrg } from "../features/bundles/index.ts";
import { issueEnrolToken } from "../features/enforcers/server/issue-enrol-token.ts";
import { ensureAgent, ensureBasics, ensurePerson, ensureResource } from "../features/orgs/server/ensure-content.ts";
import { provisionOrg } from "../features/orgs/server/provision-org.ts";
import { systemActor } from "../features/records/index.ts";
import { secretPlace } from "../server/auth/connections.ts";
import type { Deps } from "../server/deps.ts";
import { dataOf, type OrgData } from "../server/scope.ts";
import type { ProvisionAnswer, ProvisionRequest } from "./contract.ts";

/** The two ways into the database that provisioning needs. */
export interface ProvisionDbs {
  /** may create tenants */
  readonly owner: Db;
  /** the application's own, for everything else */
  readonly app: Db;
}

/**
 * Brings an org to what the request describes and issues tokens for it. Adds what is missing, updates addresses and
 * secrets, removes nothing: running it again is safe, and only the tokens are new.
 */
export async function provision(dbs: ProvisionDbs, deps: Deps, request: ProvisionRequest): Promise<ProvisionAnswer> {
  const { orgId } = await provisionOrg(dbs.owner, deps, request.org);
  const data = dataOf(dbs.app, orgId);
  // long before the first transaction needs it: see prepareBuild
  unwrap(buildPolicies(starterPolicies(), starterTests()));
  const made = await changeOrg(deps, data, systemActor, async (tx, notes) => {
    await ensureBasics(tx, orgId, notes);
    const siteId = await ensureSite(tx, orgId, request.site, notes);
    const people = new Map<string, string>();
    for (const person of request.people) people.set(person.handle, await ensurePerson(tx, orgId, person, notes));
    const agents = new Map<string, string>();
    for (const agent of request.agents) agents.set(agent.handle, await ensureAgent(tx, orgId, agent, notes));
    await ensureResource(tx, { orgId, siteId }, request.resource, notes);
    await ensureConnection(tx, deps, orgId, request.identityProvider, notes);
    const enforcerId = await ensureEnforcer(tx, { orgId, siteId }, request.enforcer.name, notes);
    notes.rebuild("resource");
    return { siteId, people, agents, enforcerId };
  });
  return { orgId, siteId: made.siteId, ...(await issueTokens(deps, data, request, made)) };
}

interface Made {
  readonly siteId: string;
  readonly people: ReadonlyMap<string, string>;
  readonly agents: ReadonlyMap<string, string>;
  readonly enforcerId: string;
}

async function issueTokens(
  deps: Deps,
  data: OrgData,
  request: ProvisionRequest,
  made: Made,
): Promise<Pick<ProvisionAnswer, "people" | "agents" | "enrolToken">> {
  const { siteId } = made;
  const lifetimeS = request.tokenSeconds;
  const people: ProvisionAnswer["people"] = {};
  for (const [handle, id] of made.people) {
    const wish = { siteId, principal: { type: "User", memberId: id }, name: "up", lifetimeS } as const;
    const { token } = unwrap(await issueAccessToken(deps, data, systemActor, wish));
    people[handle] = {
      id,
      apiToken: await issueApiToken(deps, data, handle, id, lifetimeS),
      accessToken: token.reveal(),
    };
  }
  const agents: ProvisionAnswer["agents"] = {};
  for (const [handle, id] of made.agents) {
    const wish = { siteId, principal: { type: "Agent", agentId: id }, name: "up", lifetimeS } as const;
    agents[handle] = { id, accessToken: unwrap(await issueAccessToken(deps, data, systemActor, wish)).token.reveal() };
  }
  if (!request.enforcer.enrol) return { people, agents };
  const enrol = await data.tx((tx) => issueEnrolToken(tx, deps, data.orgId, made.enforcerId));
  return { people, agents, enrolToken: unwrap(enrol).token.reveal() };
}

async function issueApiToken(
  deps: Deps,
  data: OrgData,
  handle: string,
  memberId: string,
  lifetimeS: number,
): Promise<string> {
  const token = `sluice_api_${randomBytes(32).toString("base64url")}`;
  const tokenHash = new Uint8Array(createHash("sha256").update(token, "utf8").digest());
  const expiresAt = new Date(deps.clock.now() + lifetimeS * 1_000);
  await changeOrg(deps, data, systemActor, async (tx, notes) => {
    const { id } = await tx.apiToken.create({
      data: { orgId: data.orgId, memberId, name: "up", tokenHash, expiresAt },
    });
    notes.record({ action: "api_token.issue", target: `User::"${handle}"`, after: { id, expiresAt } });
  });
  return token;
}

async function ensureSite(
  tx: OrgTx,
  orgId: string,
  site: ProvisionRequest["site"],
  notes: ChangeNotes,
): Promise<string> {
  const known = await tx.site.findUnique({ where: { orgId_slug: { orgId, slug: site.slug } } });
  if (known) return known.id;
  notes.record({ action: "site.add", target: `Site::"${site.slug}"`, after: site });
  return (await tx.site.create({ data: { orgId, ...site } })).id;
}

async function ensureEnforcer(
  tx: OrgTx,
  place: { readonly orgId: string; readonly siteId: string },
  name: string,
  notes: ChangeNotes,
): Promise<string> {
  const known = await tx.enforcer.findUnique({ where: { orgId_siteId_name: { ...place, name } } });
  if (known) return known.id;
  notes.record({ action: "enforcer.add", target: `Enforcer::"${name}"` });
  return (await tx.enforcer.create({ data: { ...place, name } })).id;
}

async function ensureConnection(
  tx: OrgTx,
  deps: Deps,
  orgId: string,
  wish: ProvisionRequest["identityProvider"],
  notes: ChangeNotes,
): Promise<void> {
  const { name, issuer, clientId, clientSecret } = wish;
  const known = await tx.identityConnection.findUnique({ where: { orgId_issuer: { orgId, issuer } } });
  const id = known?.id ?? newId(deps.clock.now());
  const sealedSecret = deps.sealer.seal(Buffer.from(clientSecret, "utf8"), secretPlace(orgId, id));
  if (known) await tx.identityConnection.update({ where: { id }, data: { name, clientId, sealedSecret } });
  else await tx.identityConnection.create({ data: { id, orgId, name, issuer, clientId, sealedSecret } });
  if (!known) notes.record({ action: "identity_connection.add", target: issuer, after: { name, clientId } });
}
