import { createHash, randomUUID } from "node:crypto";
import type { OrgTx } from "@sluice/db";
import type { TestOrg } from "../provision/test-org.ts";

/** Everything of one org that somebody of another org could name. */
export interface ForeignIds {
  readonly orgId: string;
  readonly siteId: string;
  readonly memberId: string;
  readonly agentId: string;
  readonly resourceId: string;
  readonly enforcerId: string;
  readonly approvalId: string;
  readonly digest: string;
  readonly impactId: string;
  readonly publishRequestId: string;
  readonly sessionId: string;
  readonly recordId: string;
  readonly apiTokenId: string;
  readonly accessTokenId: string;
  readonly connectionId: string;
  readonly shadowRunId: string;
  /** a version that only they have */
  readonly policyVersion: number;
  /** a draft that only they have */
  readonly draftNumber: number;
  /** handle of a person that only they have */
  readonly onlyTheirs: string;
}

/** Fills an org with one of everything and says what it is. */
export async function fillOrg({ data, answer }: TestOrg): Promise<ForeignIds> {
  const { orgId, siteId } = answer;
  const onlyTheirs = `zed-${randomUUID().slice(0, 8)}`;
  return data.tx(async (tx) => {
    const member = await tx.member.findFirstOrThrow({ where: { handle: "ana" } });
    const agent = await tx.agent.findFirstOrThrow();
    const resource = await tx.resource.findFirstOrThrow();
    const enforcer = await tx.enforcer.findFirstOrThrow();
    await tx.member.create({
      data: { orgId, handle: onlyTheirs, email: `${onlyTheirs}@acme.test`, name: onlyTheirs, role: "engineer" },
    });
    const version = await tx.policyVersion.findFirstOrThrow({ orderBy: { version: "desc" } });
    const { guardrails, access, obligations } = version;
    const policyVersion = version.version + 1;
    await tx.policyVersion.create({ data: { orgId, version: policyVersion, guardrails, access, obligations } });
    const texts = { guardrails, access, obligations };
    const draftNumber = await addDraft(tx, { orgId, ...texts, baseVersion: policyVersion, note: onlyTheirs });
    const digest = createHash("sha256").update(onlyTheirs).digest("hex");
    const sessionId = randomUUID();
    const approval = await tx.approval.create({
      data: {
        id: randomUUID(),
        orgId,
        siteId,
        enforcerId: enforcer.id,
        exchangeId: randomUUID(),
        resourceId: resource.id,
        digest,
        workflows: ["production-change"],
        subject: {
          resource: { id: resource.id, name: resource.name },
          principals: [{ type: "User", id: "ana", name: "ANA" }],
          statement: `UPDATE customers SET city = '${onlyTheirs}' WHERE id = 1`,
          parameters: [],
          actions: [{ action: "sql.write.update", resource: "shop/public.customers" }],
          sessionId,
          bundleVersion: 1,
        },
        principalType: "User",
        principalId: member.id,
        requesterId: member.id,
        expiresAt: new Date(Date.now() + 300_000),
      },
    });
    const { impactId, publishRequestId } = await askToPublish(tx, orgId, { digest, requesterId: member.id });
    return {
      orgId,
      siteId,
      memberId: member.id,
      agentId: agent.id,
      resourceId: resource.id,
      enforcerId: enforcer.id,
      approvalId: approval.id,
      digest,
      impactId,
      publishRequestId,
      sessionId,
      recordId: (await tx.record.findFirstOrThrow()).id,
      apiTokenId: (await tx.apiToken.findFirstOrThrow()).id,
      accessTokenId: (await tx.accessToken.findFirstOrThrow()).id,
      shadowRunId: await startShadowRun(tx, orgId, { ...version, authorId: member.id }),
      connectionId: (await tx.identityConnection.findFirstOrThrow()).id,
      policyVersion,
      draftNumber,
      onlyTheirs,
    };
  });
}

async function askToPublish(
  tx: OrgTx,
  orgId: string,
  { digest, requesterId }: { readonly digest: string; readonly requesterId: string },
): Promise<{ impactId: string; publishRequestId: string }> {
  const candidate = { orgId, digest, guardrails: "", access: "", obligations: "", baseVersion: 1 };
  const toAt = new Date();
  const span = { span: "hour", fromAt: new Date(toAt.getTime() - 3_600_000), toAt };
  const impact = await tx.policyImpact.create({ data: { ...candidate, ...span, anchorVersion: 1 } });
  const request = await tx.publishRequest.create({
    data: {
      ...candidate,
      action: "policy.publish",
      impactId: impact.id,
      requesterId,
      expiresAt: new Date(toAt.getTime() + 3_600_000),
    },
  });
  return { impactId: impact.id, publishRequestId: request.id };
}

/** A run that goes on, as theirs would. */
async function startShadowRun(
  tx: OrgTx,
  orgId: string,
  texts: {
    readonly guardrails: string;
    readonly access: string;
    readonly obligations: string;
    readonly authorId: string;
  },
): Promise<string> {
  const { guardrails, access, obligations, authorId } = texts;
  const times = { startedAt: new Date(), endsAt: new Date(Date.now() + 3_600_000) };
  const run = { orgId, number: 1, guardrails, access, obligations, authorId, baseVersion: 1, ...times };
  return (await tx.shadowRun.create({ data: run })).id;
}

/** A draft whose number only they have. */
async function addDraft(
  tx: OrgTx,
  draft: { orgId: string; guardrails: string; access: string; obligations: string; baseVersion: number; note: string },
): Promise<number> {
  const number = 1_000;
  await tx.policyDraft.create({ data: { ...draft, number, digest: "d".repeat(64), tests: "{}" } });
  return number;
}
