import { z } from "zod";
import { explainInputSchema } from "../question-schemas.ts";

/** What the address asks: may this principal (or who may) do this to that. */
export interface Question {
  /** undefined asks who can */
  readonly principal: z.infer<typeof explainInputSchema>["principal"] | undefined;
  readonly action: string;
  readonly resource: z.infer<typeof explainInputSchema>["resource"];
  readonly unbounded: boolean;
}

const paramsSchema = z.object({
  principal: z
    .string()
    .regex(/^(?:User|Agent):.+$/)
    .optional()
    .catch(undefined),
  action: z.string().min(1),
  resource: z.string().min(1),
  unbounded: z.literal("on").optional().catch(undefined),
});

/**
 * Reads a question from a query string; undefined while it is incomplete. `typesOf` tells which kinds of resource an
 * action applies to: the kind is then told by the form of the name (`shop`, `shop/public`, `shop/public.customers`).
 */
export function parseQuestion(params: unknown, typesOf: (action: string) => readonly string[]): Question | undefined {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return undefined;
  const { principal: who, action, resource: id } = parsed.data;
  const resource = explainInputSchema.shape.resource.safeParse({ type: resourceType(id, typesOf(action)), id });
  if (!resource.success) return undefined;
  const [type, handle] = who?.split(":") ?? [];
  const principal = explainInputSchema.shape.principal.safeParse({ type, handle });
  return {
    principal: principal.success ? principal.data : undefined,
    action,
    resource: resource.data,
    unbounded: parsed.data.unbounded === "on",
  };
}

function resourceType(id: string, types: readonly string[]): string {
  if (types.length === 1) return types[0] ?? "Table";
  if (!id.includes("/")) return "Database";
  const isObject = id.slice(id.indexOf("/")).includes(".");
  if (!isObject) return "Schema";
  return types.includes("Table") || types.length === 0 ? "Table" : "Function";
}
