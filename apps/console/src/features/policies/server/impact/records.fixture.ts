import { randomUUID } from "node:crypto";
import type { LedgerRecord } from "@sluice/ledger";
import type { TestOrg } from "../../../../provision/test-org.ts";

/** What is special about stored exchanges. */
export interface ExchangeWish {
  readonly agent?: boolean;
  /** also reads customers.email, which is classified */
  readonly email?: boolean;
  readonly without?: "given" | "decisions";
  readonly principal?: string;
  readonly atMs?: number;
}

/**
 * Stores reads of shop's customers by ana, as an enforcer records them: the n-th reads a column of its own, `c1`, `c2` … .
 * They lie one second apart before now.
 */
export async function storeExchanges(org: TestOrg, count: number, wish: ExchangeWish): Promise<string[]> {
  const { enforcer, resource } = await org.data.tx(async (tx) => ({
    enforcer: await tx.enforcer.findFirstOrThrow(),
    resource: await tx.resource.findFirstOrThrow(),
  }));
  const seqBase = await org.data.tx((tx) => tx.record.count({ where: { enforcerId: enforcer.id } }));
  const records = Array.from({ length: count }, (_, at): LedgerRecord => {
    const place = { orgId: org.answer.orgId, siteId: org.answer.siteId, enforcerId: enforcer.id };
    return exchange(at + 1, wish, {
      ...place,
      seq: seqBase + at + 1,
      atMs: wish.atMs ?? org.deps.clock.now() - (at + 1) * 1_000,
      resource: { id: resource.id, name: resource.name, kind: resource.kind },
    });
  });
  await org.data.tx(async (tx) => {
    for (const record of records) await tx.record.create({ data: rowOf(record) });
  });
  return records.map(({ id }) => id);
}

function rowOf(record: LedgerRecord) {
  const [actor] = record.principals;
  return {
    orgId: record.orgId,
    enforcerId: record.enforcerId,
    id: record.id,
    kind: record.kind,
    verdict: record.verdict,
    bundleVersion: record.bundleVersion,
    seq: BigInt(record.seq),
    at: new Date(record.atMs),
    siteId: record.siteId ?? null,
    statement: record.statement ?? null,
    principalType: actor?.type ?? "",
    principalId: actor?.id ?? "",
    principalName: actor?.name ?? "",
    status: "ok",
    body: JSON.parse(JSON.stringify(record)),
  };
}

type Placed = Pick<LedgerRecord, "orgId" | "enforcerId" | "seq" | "atMs" | "resource"> & { readonly siteId: string };

function exchange(nth: number, wish: ExchangeWish, place: Placed): LedgerRecord {
  const columnsRead = [`c${nth}`, ...(wish.email ? ["email"] : [])];
  const given = wish.without === "given" ? {} : { given: { objectCount: 1, columnsRead } };
  const unmask = { table: "public.customers", column: "email" };
  const decisions: LedgerRecord["decisions"] = [
    {
      action: "sql.read.select",
      resource: { type: "Table", id: "shop/public.customers" },
      verdict: "allow",
      policies: ["engineers-read"],
      ...given,
    },
  ];
  if (wish.email) {
    decisions.push({
      action: "unmask",
      resource: { type: "DataClass", id: "email" },
      verdict: "deny",
      code: "no_permit",
      policies: [],
      given: unmask,
    });
  }
  const person = { type: "User", id: wish.principal ?? "ana", name: "ANA" } as const;
  return {
    v: 1,
    kind: "exchange",
    id: randomUUID(),
    ...place,
    sessionId: randomUUID(),
    principals: wish.agent ? [{ type: "Agent", id: "copilot", name: "Copilot" }, person] : [person],
    client: { ip: "127.0.0.1", application: "psql", protocol: "postgres" },
    statement: `SELECT c${nth} FROM customers`,
    facts: { command: "SELECT", reads: ["public.customers"], writes: [], functions: [], classes: [], flags: [] },
    verdict: "allow",
    decisions: wish.without === "decisions" ? [] : decisions,
    bundleVersion: 1,
    outcome: { status: "ok", rows: 1, bytes: 10, maskedCells: {}, durationUs: 100, decideUs: 5 },
  };
}
