import { findFunctions, isSystemSchema } from "./names.ts";
import type { Run } from "./run.ts";
import { isNode, kindOf, qualified, textsOf } from "./tree.ts";

/** Objects with smaller OIDs came with the server. */
const FIRST_USER_OID = 16_384;
const READS = new Set(["SelectStmt", "SubLink", "TableLikeClause"]);

/**
 * Whether a definition's expressions call nothing but what came with the server: then whoever writes the table later sets
 * off nothing that is not known. Operators and types of other origin count as calls.
 */
export function isPlain(definition: unknown, run: Run): boolean {
  const pending: unknown[] = [definition];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (typeof at !== "object" || at === null) continue;
    if (!Array.isArray(at) && isNode(at)) {
      if (READS.has(kindOf(at))) return false;
      if ("FuncCall" in at && !isBuiltIn(textsOf(at.FuncCall.funcname), run)) return false;
      if ("A_Expr" in at && isForeignOperator(textsOf(at.A_Expr.name).at(-1) ?? "", run)) return false;
    }
    for (const [key, value] of Object.entries(at)) {
      if (key === "typeName" && typesOwn(value, run)) return false;
      if (value !== undefined) pending.push(value);
    }
  }
  return true;
}

function isBuiltIn(parts: readonly string[], run: Run): boolean {
  const found = findFunctions(run.catalogue, run.path, qualified(parts));
  return found.length > 0 && found.every(({ oid, schema }) => oid < FIRST_USER_OID && isSystemSchema(schema));
}

function isForeignOperator(name: string, run: Run): boolean {
  return run.catalogue.operators?.has(name) === true || run.catalogue.unsure?.code === true;
}

function typesOwn(value: unknown, run: Run): boolean {
  if (typeof value !== "object" || value === null || !("names" in value) || !Array.isArray(value.names)) return true;
  const names: unknown[] = value.names;
  const name = textsOf(names.filter((part) => typeof part === "object" && part !== null && isNode(part))).at(-1);
  if (name === undefined || run.catalogue.unsure?.code === true) return true;
  return run.catalogue.typeFunctions?.has(name) === true;
}
