import type { OrgTx } from "@sluice/db";
import type { BundleStatus, CatalogueReport, Heartbeat, Hello, Listener } from "@sluice/proto";
import type { EnforcerIdentity } from "../../features/enforcers/server/identify-enforcer.ts";
import { storableObject } from "../../features/records/index.ts";

const TEXT_MAX = 500;
const LISTENERS_MAX = 200;
const CAPABILITIES_MAX = 32;
/** Largest integer of the column. */
const VERSION_MAX = 2_147_483_647;
const CATALOGUE_BYTES_MAX = 4_194_304;

type Who = Pick<EnforcerIdentity, "enforcerId" | "siteId">;

/** Notes a new connection; returns up to where records are committed, or undefined for a banned enforcer. */
export async function noteHello(tx: OrgTx, who: Who, hello: Hello, now: Date): Promise<number | undefined> {
  const applied = Number(hello.bundleVersion);
  const newest = await tx.bundle.findFirst({
    where: { siteId: who.siteId },
    orderBy: { version: "desc" },
    select: { version: true },
  });
  const { count } = await tx.enforcer.updateMany({
    where: { id: who.enforcerId, status: { not: "banned" } },
    data: {
      status: "online",
      version: cut(hello.version),
      hostname: cut(hello.hostname),
      lastSeenAt: now,
      listeners: listenerRows(hello.listeners),
      capabilities: hello.capabilities.slice(0, CAPABILITIES_MAX).map(cut),
      desiredVersion: newest?.version ?? null,
      ...(applied > 0 ? { appliedVersion: applied, appliedDigest: cut(hello.bundleDigest) } : {}),
    },
  });
  if (count === 0) return undefined;
  const { ackedSeq } = await tx.enforcer.findUniqueOrThrow({ where: { id: who.enforcerId } });
  return Number(ackedSeq);
}

/** Notes where clients reach the enforcer now. */
export async function noteListeners(tx: OrgTx, who: Who, listeners: readonly Listener[]): Promise<void> {
  await tx.enforcer.update({ where: { id: who.enforcerId }, data: { listeners: listenerRows(listeners) } });
}

/** Notes a sign of life. */
export async function noteHeartbeat(tx: OrgTx, who: Who, heartbeat: Heartbeat, now: Date): Promise<void> {
  await tx.enforcer.updateMany({
    where: { id: who.enforcerId, status: { not: "banned" } },
    data: {
      status: "online",
      lastSeenAt: now,
      sessions: Math.min(heartbeat.sessions, 1_000_000),
      spoolBytes: heartbeat.spoolBytes,
      stoppedReason: heartbeat.stoppedReason === "" ? null : cut(heartbeat.stoppedReason),
    },
  });
}

/** Notes that the stream ended, unless another stream of the same enforcer was heard since. */
export async function noteGone(tx: OrgTx, who: Who, lastHeardAt: Date): Promise<boolean> {
  const { count } = await tx.enforcer.updateMany({
    where: { id: who.enforcerId, status: "online", lastSeenAt: { lte: lastHeardAt } },
    data: { status: "offline", sessions: 0 },
  });
  return count > 0;
}

/** Notes what became of a bundle at the enforcer. */
export async function noteBundleStatus(tx: OrgTx, who: Who, status: BundleStatus, now: Date): Promise<void> {
  const applied = {
    appliedVersion: Number(status.version),
    appliedDigest: cut(status.digest),
    appliedAt: now,
    refusedReason: null,
    refusedVersion: null,
    refusedCode: null,
    refusedAt: null,
  };
  const where = { id: who.enforcerId, status: { not: "banned" } };
  if (status.applied) return void (await tx.enforcer.updateMany({ where, data: applied }));
  const version = Number(status.version);
  const refused = {
    refusedVersion: version > 0 && version <= VERSION_MAX ? version : null,
    refusedCode: cut(status.reasonCode),
    refusedReason: cut(`Bundle ${status.version} is refused: ${status.reason} (${status.reasonCode})`),
  };
  await tx.enforcer.updateMany({ where, data: refused });
  // Offered again, it is refused again: since when is told from the first refusal after the last good bundle.
  await tx.enforcer.updateMany({ where: { ...where, refusedAt: null }, data: { refusedAt: now } });
}

/** Stores what a resource of the enforcer's own site holds; returns false for anything else. */
export async function noteCatalogue(tx: OrgTx, who: Who, report: CatalogueReport, now: Date): Promise<boolean> {
  const catalogue = parseCatalogue(report.catalogueJson);
  if (!catalogue || !uuid.test(report.resourceId)) return false;
  const { count } = await tx.resource.updateMany({
    where: { id: report.resourceId, siteId: who.siteId },
    data: { catalogue: storableObject(catalogue), catalogueAt: now },
  });
  return count > 0;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function parseCatalogue(bytes: Uint8Array): object | undefined {
  if (bytes.length > CATALOGUE_BYTES_MAX) return undefined;
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return typeof json === "object" && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    return undefined; // the caller logs that it was not stored
  }
}

function listenerRows(listeners: readonly Listener[]) {
  return listeners.slice(0, LISTENERS_MAX).map(({ resourceId, kind, address }) => ({
    resourceId: cut(resourceId),
    kind: cut(kind),
    address: cut(address),
  }));
}

function cut(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "").slice(0, TEXT_MAX);
}
