import { ok } from "@sluice/kernel";
import { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { OrgScope } from "../../../server/scope.ts";
import type { Answer } from "../../../server/use-case.ts";
import type { connectionTestSchema, testConnectionInputSchema } from "../schemas.ts";

const TIMEOUT_MS = 5_000;
const ANSWER_BYTES_MAX = 256 * 1024;

type Test = z.infer<typeof connectionTestSchema>;
type Step = Test["steps"][number];

const discoverySchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
});
const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/**
 * Tries an OpenID provider as sign-in would: discovery, its own name, its keys, PKCE. Says of each whether it went well and
 * what to do; never shows what the provider answered. Nothing is stored.
 */
export async function tryConnection(
  _deps: Deps,
  _scope: OrgScope,
  input: z.infer<typeof testConnectionInputSchema>,
): Answer<Test> {
  const steps: Step[] = [];
  const issuer = input.issuer.replace(/\/+$/, "");
  const found = await read(`${issuer}/.well-known/openid-configuration`, discoverySchema);
  steps.push(stepOf("Discovery document", found.problem, "found"));
  if (found.value) {
    const { issuer: named, jwks_uri: keysUrl, code_challenge_methods_supported: pkce } = found.value;
    const same = named.replace(/\/+$/, "") === issuer;
    steps.push(
      stepOf("Issuer", same ? undefined : `it calls itself ${named.slice(0, 200)}: use exactly that`, "matches"),
    );
    const keys = await read(keysUrl, keysSchema);
    steps.push(stepOf("Signing keys", keys.problem, `${keys.value?.keys.length ?? 0} found`));
    const supported = pkce === undefined || pkce.includes("S256");
    steps.push(stepOf("PKCE", supported ? undefined : "it does not support S256", pkce ? "S256" : "not announced"));
  }
  return ok({ ok: steps.every((step) => step.ok), steps });
}

function stepOf(name: string, problem: string | undefined, fine: string): Step {
  return { name, ok: problem === undefined, detail: problem ?? fine };
}

async function read<T>(url: string, schema: z.ZodType<T>): Promise<{ value?: T; problem?: string }> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { redirect: "error", signal, headers: { accept: "application/json" } });
    if (!response.ok) return { problem: `${new URL(url).host} answered ${response.status}` };
    const text = await boundedText(response);
    if (text === undefined) return { problem: "the answer is too long" };
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? { value: parsed.data } : { problem: "the answer is not what OpenID Connect prescribes" };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

async function boundedText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return "the answer is not JSON";
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${TIMEOUT_MS / 1000} s`;
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && "code" in cause) return `cannot be reached (${String(cause.code)})`;
  return "cannot be reached";
}
