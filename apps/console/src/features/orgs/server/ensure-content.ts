import { resourceSchema } from "@sluice/bundle";
import { starterPolicies, starterTests } from "@sluice/bundle/starter";
import type { OrgTx } from "@sluice/db";
import { canonicalJson } from "@sluice/kernel";
import { z } from "zod";
import type { ChangeNotes } from "../../bundles/index.ts";

/** The classes of sensitive data that every org begins with, and how they are masked. */
export const standardClasses = [
  { name: "email", description: "E-mail addresses", strategy: "partial" },
  { name: "phone", description: "Telephone numbers", strategy: "partial" },
  { name: "card", description: "Payment card numbers", strategy: "partial" },
  { name: "ssn", description: "Social security and national identity numbers", strategy: "redact" },
] as const;

/** The workflow that the starter policies ask for. */
const productionChange = {
  name: "production-change",
  description: "One member of approvers says yes to a change of production.",
  steps: [{ group: "approvers", needed: 1 }],
  timeoutS: 300,
};

/** The groups that the starter policies and the workflow name. */
const standardGroups = ["engineering", "approvers", "admins", "agents", "privacy-officers"];

/** What a new org begins with: groups, data classes, one workflow and the starter policies as version 1. Adds only what is missing. */
export async function ensureBasics(tx: OrgTx, orgId: string, notes: ChangeNotes): Promise<void> {
  const groups = await tx.principalGroup.createMany({
    data: standardGroups.map((name) => ({ orgId, name })),
    skipDuplicates: true,
  });
  const classes = await tx.dataClass.createMany({
    data: standardClasses.map((each) => ({ orgId, ...each })),
    skipDuplicates: true,
  });
  const workflows = await tx.workflow.createMany({ data: [{ orgId, ...productionChange }], skipDuplicates: true });
  if (groups.count + classes.count + workflows.count > 0) {
    notes.record({ action: "org.prepare", target: `Org::"${orgId}"`, after: { standardGroups, productionChange } });
  }
  if ((await tx.policyVersion.count()) > 0) return;
  const texts = starterPolicies();
  const note = "The starter policies";
  const tests = JSON.stringify(starterTests());
  await tx.policyVersion.create({ data: { orgId, version: 1, ...texts, tests, note } });
  notes.record({
    action: "policy.publish",
    target: "PolicyVersion::1",
    after: { version: 1, note: "starter policies" },
  });
}

/** A person as the installer names them. */
export interface PersonWish {
  readonly handle: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly groups: readonly string[];
}

/** Makes sure that a person exists and is in these groups; returns their id. */
export async function ensurePerson(tx: OrgTx, orgId: string, wish: PersonWish, notes: ChangeNotes): Promise<string> {
  const { handle, name, email, role } = wish;
  const known = await tx.member.findUnique({ where: { orgId_handle: { orgId, handle } } });
  const member = known ?? (await tx.member.create({ data: { orgId, handle, name, email, role } }));
  if (!known) notes.record({ action: "member.add", target: `User::"${handle}"`, after: { name, email, role } });
  await joinGroups(tx, orgId, { memberId: member.id }, wish.groups);
  return member.id;
}

/** An agent as the installer names it. */
export interface AgentWish {
  readonly handle: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** a member's handle */
  readonly onBehalfOf: string;
}

/** Makes sure that an agent exists and is in these groups; returns its id. Throws when its person does not exist. */
export async function ensureAgent(tx: OrgTx, orgId: string, wish: AgentWish, notes: ChangeNotes): Promise<string> {
  const { handle, name } = wish;
  const known = await tx.agent.findUnique({ where: { orgId_handle: { orgId, handle } } });
  const person = await tx.member.findUniqueOrThrow({ where: { orgId_handle: { orgId, handle: wish.onBehalfOf } } });
  const agent = known ?? (await tx.agent.create({ data: { orgId, handle, name, onBehalfOfId: person.id } }));
  if (!known) {
    notes.record({ action: "agent.add", target: `Agent::"${handle}"`, after: { name, onBehalfOf: wish.onBehalfOf } });
  }
  await joinGroups(tx, orgId, { agentId: agent.id }, wish.groups);
  return agent.id;
}

async function joinGroups(
  tx: OrgTx,
  orgId: string,
  who: { readonly memberId: string } | { readonly agentId: string },
  names: readonly string[],
): Promise<void> {
  await tx.principalGroup.createMany({ data: names.map((name) => ({ orgId, name })), skipDuplicates: true });
  const groups = await tx.principalGroup.findMany({ where: { name: { in: [...names] } } });
  const data = groups.map((group) => ({ orgId, groupId: group.id, ...who }));
  await tx.groupMember.createMany({ data, skipDuplicates: true });
}

/** A resource as the installer names it, with its classified columns. */
export interface ResourceWish {
  readonly name: string;
  readonly kind: "postgres";
  readonly environment: string;
  readonly listen: object;
  readonly upstream: object;
  readonly classes: readonly {
    readonly schema: string;
    readonly table: string;
    readonly column: string;
    readonly class: string;
  }[];
}

/** What an admin set besides what the installer names stays. */
const storedConfigSchema = z.object({ upstream: z.looseObject({}).optional(), limits: z.unknown().optional() });

/** Makes sure that a resource exists with this configuration, and that these columns carry their classes. */
export async function ensureResource(
  tx: OrgTx,
  place: { readonly orgId: string; readonly siteId: string },
  wish: ResourceWish,
  notes: ChangeNotes,
): Promise<void> {
  const { name, kind, environment, listen, upstream } = wish;
  const { orgId, siteId } = place;
  const known = await tx.resource.findUnique({ where: { orgId_name: { orgId, name } } });
  const id = known?.id ?? crypto.randomUUID();
  // Parsed here, as the bundle will: what cannot be enforced is not stored.
  const before = storedConfigSchema.parse(known?.config ?? {});
  const reach = { ...before.upstream, ...upstream };
  const parsed = resourceSchema.parse({ id, name, kind, environment, listen, limits: before.limits, upstream: reach });
  const config = JSON.parse(
    JSON.stringify({ listen: parsed.listen, upstream: parsed.upstream, limits: parsed.limits }),
  );
  if (known && canonicalJson(known.config) !== canonicalJson(config)) {
    await tx.resource.update({ where: { id }, data: { config } });
    notes.record({ action: "resource.change", target: `Database::"${name}"`, before: known.config, after: config });
  }
  if (!known) await tx.resource.create({ data: { id, orgId, siteId, name, kind, environment, config } });
  if (!known) notes.record({ action: "resource.connect", target: `Database::"${name}"`, after: { kind, environment } });
  const classes = new Map((await tx.dataClass.findMany()).map((each) => [each.name, each.id]));
  const data = wish.classes.map((each) => {
    const dataClassId = classes.get(each.class);
    if (!dataClassId) throw new Error(`there is no data class ${each.class}`);
    const { schema: schemaName, table: tableName, column: columnName } = each;
    return { orgId, resourceId: id, dataClassId, schemaName, tableName, columnName };
  });
  await tx.columnClass.createMany({ data, skipDuplicates: true });
}
