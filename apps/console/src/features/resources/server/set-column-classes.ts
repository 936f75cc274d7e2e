import type { z } from "zod";
import { changeActor } from "../../../server/change-actor.ts";
import type { Deps } from "../../../server/deps.ts";
import { refusable } from "../../../server/refusable.ts";
import { invalid, notFound } from "../../../server/refusals.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import { changeOrg } from "../../bundles/index.ts";
import type { columnClassesSchema, setClassInputSchema } from "../schemas.ts";

/**
 * Sets what one column (or with `*` every column of a relation) carries; an empty list clears it. Also for columns that the
 * catalogue does not show yet: they are masked from their first row on.
 */
export async function setColumnClasses(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof setClassInputSchema>,
): Answer<z.infer<typeof columnClassesSchema>> {
  const wanted = [...new Set(input.classes)].sort();
  const { resourceId } = input;
  const column = { resourceId, schemaName: input.schema, tableName: input.table, columnName: input.column };
  return refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      const resource = await tx.resource.findFirst({ where: { id: resourceId } });
      if (!resource) return refuse(notFound("resource"));
      const classes = await tx.dataClass.findMany({ where: { name: { in: wanted } } });
      const unknown = wanted.filter((name) => !classes.some((one) => one.name === name));
      if (unknown.length > 0) return refuse(invalid(`There is no data class called ${unknown.join(", ")}.`));
      const before = await tx.columnClass.findMany({ where: column, include: { dataClass: true } });
      await tx.columnClass.deleteMany({ where: column });
      await tx.columnClass.createMany({
        data: classes.map(({ id }) => ({ orgId: scope.org.id, ...column, dataClassId: id })),
      });
      notes.record({
        action: "column.classify",
        target: `${resource.name}/${input.schema}.${input.table}.${input.column}`,
        before: { classes: before.map(({ dataClass }) => dataClass.name).sort() },
        after: { classes: wanted },
      });
      notes.rebuild("class");
      return { classes: wanted };
    }),
  );
}
