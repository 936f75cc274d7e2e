import type { Alias } from "libpg-query";
import type { ScopeItem } from "./run.ts";
import { textsOf } from "./tree.ts";

/** A FROM item under its alias, with the column names that the alias gives. */
export function renamed(item: ScopeItem, alias: Alias | undefined): ScopeItem {
  if (!alias?.aliasname) return item;
  const names = textsOf(alias.colnames);
  const columns = item.columns.map((column, at) => {
    const name = names[at];
    return name === undefined ? column : { ...column, name, stored: column.stored ?? column.name };
  });
  return { ...item, alias: alias.aliasname, schema: undefined, columns };
}
