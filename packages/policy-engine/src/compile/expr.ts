import type { Fault } from "../values/fault.ts";
import type { Val } from "../values/value.ts";

/** Operators with two operands that evaluate both. */
export type BinaryOperator =
  | "=="
  | "!="
  | "in"
  | "<"
  | "<="
  | ">"
  | ">="
  | "+"
  | "-"
  | "*"
  | "contains"
  | "containsAll"
  | "containsAny"
  | "getTag"
  | "hasTag";

/** The variables of a request. */
export type Variable = "principal" | "action" | "resource" | "context";

/** Literal parts of a `like` pattern; between two parts stands a wildcard. */
export type LikePattern = readonly string[];

/** An expression, read and checked from EST. */
export type Expr =
  | { readonly op: "literal"; readonly value: Val }
  | { readonly op: "fault"; readonly fault: Fault }
  | { readonly op: "variable"; readonly name: Variable }
  | { readonly op: "not" | "negate" | "isEmpty"; readonly arg: Expr }
  | { readonly op: "and" | "or"; readonly left: Expr; readonly right: Expr }
  | { readonly op: "binary"; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr }
  | { readonly op: "attribute"; readonly left: Expr; readonly name: string }
  | { readonly op: "has"; readonly left: Expr; readonly path: readonly string[] }
  | { readonly op: "like"; readonly left: Expr; readonly pattern: LikePattern }
  | { readonly op: "is"; readonly left: Expr; readonly type: string; readonly within?: Expr | undefined }
  | { readonly op: "if"; readonly test: Expr; readonly consequent: Expr; readonly otherwise: Expr }
  | { readonly op: "set"; readonly items: readonly Expr[] }
  | { readonly op: "record"; readonly fields: readonly (readonly [string, Expr])[] }
  | { readonly op: "call"; readonly name: string; readonly args: readonly Expr[] };
