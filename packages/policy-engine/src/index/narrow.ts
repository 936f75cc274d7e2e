import type { Expr } from "../compile/expr.ts";
import type { CompiledPolicy } from "../compile/policy.ts";
import type { Constraint } from "../compile/scope.ts";
import { Uid } from "../values/uid.ts";
import { conjunctsOf, isTotal } from "./conjuncts.ts";

/** The scope under which a policy can be indexed: its own, narrowed by what its condition begins with. */
export function indexScope({ scope, condition }: CompiledPolicy): CompiledPolicy["scope"] {
  const narrowed = { ...scope };
  for (const conjunct of conjunctsOf(condition)) {
    if (!isTotal(conjunct)) break;
    const found = constraintOf(conjunct);
    // only a part that asks nothing: what it asks otherwise is told by its key alone
    if (found !== undefined && narrowed[found.variable].kind === "any") narrowed[found.variable] = found.constraint;
  }
  return narrowed;
}

function constraintOf(
  conjunct: Expr,
): { readonly variable: "principal" | "resource"; readonly constraint: Constraint } | undefined {
  if (conjunct.op !== "binary" || conjunct.left.op !== "variable" || conjunct.right.op !== "literal") return undefined;
  const { name } = conjunct.left;
  const { value } = conjunct.right;
  if ((name !== "principal" && name !== "resource") || !(value instanceof Uid)) return undefined;
  if (conjunct.operator === "in") return { variable: name, constraint: { kind: "within", uids: [value] } };
  return conjunct.operator === "==" ? { variable: name, constraint: { kind: "equals", uid: value } } : undefined;
}
