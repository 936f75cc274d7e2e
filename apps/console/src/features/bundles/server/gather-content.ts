import {
  BUNDLE_FORMAT,
  type BundleContent,
  maskStrategySchema,
  publicKeyFromRaw,
  resourceSchema,
  tokenKeyEntry,
} from "@sluice/bundle";
import type { BuiltPolicies } from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import { SCHEMA_VERSION } from "@sluice/policy-engine";
import type { Deps } from "../../../server/deps.ts";
import { readOrgKey } from "../../keys/index.ts";
import { type BundleSite, gatherEntities } from "./gather-entities.ts";

/** A bundle's content before it has a number and times. */
export type UndatedContent = Omit<BundleContent, "version" | "builtAtMs" | "expiresAtMs">;

/** Collects everything that the enforcers of one site need, as it stands in this transaction. Sorted, so that equal data gives equal bytes. */
export async function gatherContent(
  tx: OrgTx,
  deps: Pick<Deps, "clock" | "sealer">,
  site: BundleSite,
  policies: { readonly version: number; readonly built: BuiltPolicies },
): Promise<UndatedContent> {
  const now = new Date(deps.clock.now());
  const token = await tx.signingKey.findMany({ where: { purpose: "token" }, orderBy: { createdAt: "asc" } });
  const mask = await readOrgKey(tx, deps.sealer, site.orgId, "mask");
  return {
    format: BUNDLE_FORMAT,
    orgId: site.orgId,
    orgSlug: site.orgSlug,
    siteId: site.siteId,
    policyVersion: policies.version,
    schemaVersion: SCHEMA_VERSION,
    policies: policies.built.policies,
    selfCheck: policies.built.selfCheck,
    entities: await gatherEntities(tx, site, now),
    ...(await gatherData(tx, site.siteId)),
    tokenKeys: token
      .filter(({ retiredAt }) => retiredAt === null)
      .map(({ publicKey }) => tokenKeyEntry(publicKeyFromRaw(publicKey))),
    ...(await gatherStops(tx, site.siteId, now)),
    workflows: await gatherWorkflows(tx),
    maskKey: Buffer.from(mask.secret).toString("base64url"),
  };
}

async function gatherWorkflows(tx: OrgTx): Promise<BundleContent["workflows"]> {
  const workflows = await tx.workflow.findMany({ orderBy: { name: "asc" } });
  return workflows.map(({ name, timeoutS }) => ({ name, timeoutMs: timeoutS * 1_000 }));
}

async function gatherData(
  tx: OrgTx,
  siteId: string,
): Promise<Pick<BundleContent, "dataClasses" | "columnClasses" | "resources">> {
  const classes = await tx.dataClass.findMany({ orderBy: { name: "asc" } });
  const resources = await tx.resource.findMany({ where: { siteId }, orderBy: { name: "asc" } });
  const columns = await tx.columnClass.findMany({
    where: { resource: { siteId } },
    include: { dataClass: true },
    orderBy: [{ resourceId: "asc" }, { schemaName: "asc" }, { tableName: "asc" }, { columnName: "asc" }],
  });
  const byColumn = new Map<string, BundleContent["columnClasses"][number]>();
  for (const { resourceId, schemaName: schema, tableName: table, columnName: column, dataClass } of columns) {
    const key = JSON.stringify([resourceId, schema, table, column]);
    const known = byColumn.get(key) ?? { resourceId, schema, table, column, classes: [] };
    byColumn.set(key, { ...known, classes: [...known.classes, dataClass.name].sort() });
  }
  return {
    dataClasses: classes.map(({ name, strategy }) => ({ name, strategy: maskStrategySchema.parse(strategy) })),
    columnClasses: [...byColumn.values()],
    resources: resources.map(({ id, name, kind, environment, tags, config }) =>
      resourceSchema.parse({ ...asObject(config), id, name, kind, environment, tags }),
    ),
  };
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** What may not work although its proof still holds. */
async function gatherStops(
  tx: OrgTx,
  siteId: string,
  now: Date,
): Promise<Pick<BundleContent, "revokedTokens" | "lockedPrincipals">> {
  const stopped = { OR: [{ lockedAt: { not: null } }, { status: { not: "active" } }] };
  const tokens = await tx.accessToken.findMany({
    where: { siteId, revokedAt: { not: null }, expiresAt: { gt: now } },
    select: { id: true },
    orderBy: { id: "asc" },
  });
  const people = await tx.member.findMany({ where: stopped, select: { handle: true }, orderBy: { handle: "asc" } });
  const agents = await tx.agent.findMany({ where: stopped, select: { handle: true }, orderBy: { handle: "asc" } });
  return {
    revokedTokens: tokens.map(({ id }) => id),
    lockedPrincipals: [
      ...people.map(({ handle }) => `User::"${handle}"`),
      ...agents.map(({ handle }) => `Agent::"${handle}"`),
    ],
  };
}
