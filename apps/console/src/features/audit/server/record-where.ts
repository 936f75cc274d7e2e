import { roleAllows } from "../../../server/auth/permissions.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { RecordFilter } from "../schemas.ts";

/** Conditions over "record" r with their values, ready to be joined by AND. */
export interface Where {
  readonly conditions: string[];
  readonly values: unknown[];
}

/** Adds a condition; `?` in it stands for the value. */
export function also(where: Where, condition: string, value: unknown): void {
  where.values.push(value);
  where.conditions.push(condition.replaceAll("?", `$${where.values.length}`));
}

/**
 * What a member may see of what a filter asks. Who lacks `records:read` sees what they did themselves and what agents did
 * for them. The org needs no condition: the database holds it.
 */
export function whereOf(scope: OrgScope, filter: RecordFilter): Where {
  const where: Where = { conditions: ["true"], values: [] };
  if (!roleAllows(scope.actor.role, "records:read")) {
    also(where, `((r."principalType" = 'User' AND r."principalId" = ?) OR r."onBehalfOf" = ?)`, scope.actor.handle);
  }
  if (filter.from !== undefined) also(where, `r."at" >= ?`, new Date(filter.from));
  if (filter.to !== undefined) also(where, `r."at" < ?`, new Date(filter.to));
  if (filter.verdicts?.length) also(where, `r."verdict" = ANY(?::text[])`, filter.verdicts);
  if (filter.kinds?.length) also(where, `r."kind" = ANY(?::text[])`, filter.kinds);
  if (filter.principal) also(where, `(r."principalId" = ? OR r."onBehalfOf" = ?)`, filter.principal);
  if (filter.resource) also(where, `r."resourceName" = ?`, filter.resource);
  if (filter.action) also(where, `?::text = ANY(r."actions")`, filter.action);
  if (filter.dataClass) also(where, `?::text = ANY(r."classes")`, filter.dataClass);
  if (filter.policy) also(where, `?::text = ANY(r."policies")`, filter.policy);
  if (filter.sessionId) also(where, `r."sessionId" = ?::uuid`, filter.sessionId);
  if (filter.approvalId) also(where, `r."approvalId" = ?::uuid`, filter.approvalId);
  if (filter.text) also(where, `r."statement" ILIKE ?`, `%${filter.text.replace(/[\\%_]/g, "\\$&")}%`);
  return where;
}
