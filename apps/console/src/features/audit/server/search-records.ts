import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import { decodeCursor, encodeCursor } from "../../../server/paging.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { recordPageSchema, searchInputSchema } from "../schemas.ts";
import { ROW_COLUMNS, recordRowOf, type StoredRecord } from "./record-row.ts";
import { whereOf } from "./record-where.ts";

/** One page of records, newest first, by keyset: pages stay right while records arrive. */
export async function searchRecords(
  _deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof searchInputSchema>,
): Answer<z.infer<typeof recordPageSchema>> {
  const { conditions, values } = whereOf(scope, input);
  const after = decodeCursor(input.cursor);
  if (after) {
    values.push(new Date(after.atMs), after.id);
    conditions.push(`(r."at", r."id") < ($${values.length - 1}, $${values.length}::uuid)`);
  }
  values.push(input.limit + 1);
  const { rows } = await scope.data.sql((sql) =>
    sql.query<StoredRecord>(
      `SELECT ${ROW_COLUMNS} FROM "record" r WHERE ${conditions.join(" AND ")}
       ORDER BY r."at" DESC, r."id" DESC LIMIT $${values.length}`,
      values,
    ),
  );
  const items = rows.slice(0, input.limit).map(recordRowOf);
  const last = rows.length > input.limit ? rows[input.limit - 1] : undefined;
  return ok({ items, nextCursor: last ? encodeCursor({ atMs: last.at.getTime(), id: last.id }) : null });
}
