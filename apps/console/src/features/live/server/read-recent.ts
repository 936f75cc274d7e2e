import { ok } from "@sluice/kernel";
import type { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { ROW_COLUMNS, recordRowOf, type StoredRecord, whereOf } from "../../audit/index.ts";
import type { liveRecentInputSchema, liveRecentSchema } from "../schemas.ts";
import { encodePosition } from "./live-position.ts";

/** What a page shows before it streams, newest first, and the position to stream on from. */
export async function readRecent(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof liveRecentInputSchema>,
): Answer<z.infer<typeof liveRecentSchema>> {
  const { conditions, values } = whereOf(scope, input);
  const afterMs = deps.clock.now();
  values.push(input.limit);
  const { rows } = await scope.data.sql((sql) =>
    sql.query<StoredRecord>(
      `SELECT ${ROW_COLUMNS} FROM "record" r WHERE ${conditions.join(" AND ")}
       ORDER BY r."at" DESC, r."id" DESC LIMIT $${values.length}`,
      values,
    ),
  );
  return ok({ items: rows.map(recordRowOf), lastEventId: encodePosition({ afterMs }) });
}
