import { preparePolicies } from "@sluice/bundle/build";
import { err, ok } from "@sluice/kernel";
import { type LedgerRecord, outcomeEntrySchema, recordSchema } from "@sluice/ledger";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { outlinePolicies } from "../../policies/outline.ts";
import type { RecordDetail, recordInputSchema } from "../schemas.ts";
import { ROW_COLUMNS, recordRowOf, type StoredRecord } from "./record-row.ts";
import { whereOf } from "./record-where.ts";

interface StoredDetail extends StoredRecord {
  readonly fullStatement: string | null;
  readonly statementDigest: string | null;
  readonly siteId: string | null;
  readonly outcomeSeq: string | null;
  readonly body: unknown;
  readonly outcome: unknown;
  readonly enforcerName: string | null;
  readonly chainHead: Buffer | null;
}

/** One record with what explains it: decisions, the policies that decided as they stood then, facts, and its proof. */
export async function readRecord(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof recordInputSchema>,
): Answer<RecordDetail> {
  const stored = await selectRecord(scope, input.id);
  if (!stored) return err(notFound("record"));
  const body = recordSchema.parse(stored.body);
  const outcomeEntry = stored.outcome === null ? undefined : outcomeEntrySchema.parse(stored.outcome);
  const outcome = outcomeEntry?.outcome ?? body.outcome;
  const deciding = await readDecidingPolicies(scope, stored);
  return ok({
    ...recordRowOf(stored),
    statement: stored.fullStatement,
    statementCut: false,
    statementDigest: stored.statementDigest,
    principals: body.principals,
    client: body.client ?? null,
    facts: body.facts ?? null,
    decisions: body.decisions.map((decision) => ({ ...decision, code: decision.code ?? null })),
    obligations: body.obligations ?? {},
    wouldAllow: body.advice === undefined ? [] : [body.advice],
    decidingPolicies: deciding.policies,
    policyVersion: deciding.version,
    approval: outcomeEntry?.approval ?? body.approval ?? null,
    outcome: outcome
      ? {
          bytes: outcome.bytes,
          decideUs: outcome.decideUs,
          tag: outcome.tag ?? null,
          maskedCellsByClass: outcome.maskedCells,
        }
      : null,
    change: changeOf(body),
    proof: {
      enforcerName: stored.enforcerName,
      outcomeSeq: stored.outcomeSeq === null ? null : Number(stored.outcomeSeq),
      receivedAt: stored.receivedAt.toISOString(),
      chainHead: stored.chainHead?.toString("hex") ?? null,
    },
  });
}

async function selectRecord(scope: OrgScope, id: string): Promise<StoredDetail | undefined> {
  const { conditions, values } = whereOf(scope, {});
  values.push(id);
  const { rows } = await scope.data.sql((sql) =>
    sql.query<StoredDetail>(
      `SELECT ${ROW_COLUMNS}, r."statement" AS "fullStatement", r."statementDigest", r."siteId", r."outcomeSeq", r."body",
              r."outcome", e."name" AS "enforcerName", h."head" AS "chainHead"
       FROM "record" r
       LEFT JOIN "enforcer" e ON e."orgId" = r."orgId" AND e."id" = r."enforcerId"
       LEFT JOIN LATERAL (
         SELECT c."head" FROM "chain_head" c
         WHERE c."orgId" = r."orgId" AND c."enforcerId" = r."enforcerId" AND c."lastSeq" >= r."seq" AND c."firstSeq" <= r."seq"
         ORDER BY c."lastSeq" LIMIT 1
       ) h ON true
       WHERE ${conditions.join(" AND ")} AND r."id" = $${values.length}::uuid
       ORDER BY r."at" DESC LIMIT 1`,
      values,
    ),
  );
  return rows[0];
}

function changeOf(body: LedgerRecord): RecordDetail["change"] {
  return body.change ?? null;
}

/** The policies named by a record, from the version that its bundle was built from. */
async function readDecidingPolicies(
  scope: OrgScope,
  stored: StoredDetail,
): Promise<{ version: number | null; policies: RecordDetail["decidingPolicies"] }> {
  const unknown = stored.policies.map((id) => ({ id, set: null, effect: null, description: null, text: null }));
  const { siteId, bundleVersion } = stored;
  if (siteId === null || bundleVersion === null) return { version: null, policies: unknown };
  const version = await scope.data.tx(async (tx) => {
    const bundle = await tx.bundle.findFirst({
      where: { siteId, version: bundleVersion },
      select: { policyVersion: true },
    });
    return bundle && tx.policyVersion.findFirst({ where: { version: bundle.policyVersion } });
  });
  if (!version) return { version: null, policies: unknown };
  await preparePolicies(version);
  const outline = new Map(outlinePolicies(version).map((policy) => [policy.id, policy]));
  return { version: version.version, policies: unknown.map((policy) => outline.get(policy.id) ?? policy) };
}
