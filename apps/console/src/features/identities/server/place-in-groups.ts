import type { OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError } from "@sluice/kernel";
import { invalid } from "../../../server/refusals.ts";

/** Who is placed. */
export type Placed = { readonly memberId: string } | { readonly agentId: string };

/** Makes someone a member of exactly these groups, by name. Refuses names that are no group of the org. */
export async function placeInGroups(
  tx: OrgTx,
  orgId: string,
  who: Placed,
  names: readonly string[],
): Promise<Result<true, TaggedError>> {
  const wanted = [...new Set(names)];
  const groups = await tx.principalGroup.findMany({ where: { name: { in: wanted } } });
  const unknown = wanted.filter((name) => !groups.some((group) => group.name === name));
  if (unknown.length > 0) return err(invalid(`There is no group called ${unknown.join(", ")}.`));
  await tx.groupMember.deleteMany({ where: who });
  await tx.groupMember.createMany({ data: groups.map(({ id }) => ({ orgId, groupId: id, ...who })) });
  return ok(true);
}
