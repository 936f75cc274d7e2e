import type { Result, TaggedError } from "@sluice/kernel";
import { z } from "zod";
import type { Permission } from "../auth/permissions.ts";
import type { Deps } from "../deps.ts";
import type { OrgScope } from "../scope.ts";

/** What a caller sent: path, query and body as one object; the path wins over the body, the body over the query. */
export type RawInput = Readonly<Record<string, unknown>>;

/** What came of a call: a refusal, the reasons why the input is not understood, or the answer. */
export type RestAnswer =
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "refused"; readonly error: TaggedError }
  | { readonly kind: "bad_input"; readonly reasons: readonly string[] };

/** One line of the REST table. */
export interface RestRoute {
  readonly method: "GET" | "POST";
  /** below /api/v1, with `:name` for the parts that vary */
  readonly path: string;
  readonly permission: Permission | undefined;
  readonly call: (deps: Deps, scope: OrgScope, raw: RawInput) => Promise<RestAnswer>;
}

/** Makes a route whose input and output have schemas: nothing but what `output` names leaves the server. */
export function route<Input extends z.ZodType, Output extends z.ZodType>(options: {
  readonly method: RestRoute["method"];
  readonly path: string;
  readonly permission?: Permission;
  readonly input: Input;
  readonly output: Output;
  /** query fields that are numbers, and those that are lists separated by commas */
  readonly numbers?: readonly string[];
  readonly lists?: readonly string[];
  readonly run: (deps: Deps, scope: OrgScope, input: z.output<Input>) => Promise<Result<z.input<Output>, TaggedError>>;
}): RestRoute {
  const { method, path, permission, input, output, numbers = [], lists = [], run } = options;
  return {
    method,
    path,
    permission,
    call: async (deps, scope, raw) => {
      const parsed = input.safeParse(typed(raw, numbers, lists));
      if (!parsed.success) {
        const reasons = parsed.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`);
        return { kind: "bad_input", reasons };
      }
      const result = await run(deps, scope, parsed.data);
      return result.ok
        ? { kind: "answer", value: output.parse(result.value) }
        : { kind: "refused", error: result.error };
    },
  };
}

/** Input of routes that take none. */
export const noInput = z.object({});

/** Queries carry text: turns the named fields into what their schemas expect. */
function typed(raw: RawInput, numbers: readonly string[], lists: readonly string[]): RawInput {
  const result: Record<string, unknown> = { ...raw };
  for (const name of numbers) {
    const text = result[name];
    if (typeof text === "string" && text.trim() !== "") result[name] = Number(text);
  }
  for (const name of lists) {
    const text = result[name];
    if (typeof text === "string") result[name] = text.split(",").filter((part) => part !== "");
  }
  return result;
}

/** The route and its path's values for a request, or undefined. Paths of the table never overlap. */
export function findRoute(
  routes: readonly RestRoute[],
  method: string,
  segments: readonly string[],
): { route: RestRoute; params: Record<string, string> } | undefined {
  for (const candidate of routes) {
    const pattern = candidate.path.split("/").slice(1);
    if (candidate.method !== method || pattern.length !== segments.length) continue;
    const params: Record<string, string> = {};
    const fits = pattern.every((part, at) => {
      const value = segments[at] ?? "";
      if (!part.startsWith(":")) return part === value;
      params[part.slice(1)] = value;
      return value !== "";
    });
    if (fits) return { route: candidate, params };
  }
  return undefined;
}
