import { ok } from "@sluice/kernel";
import { z } from "zod";
import type { Deps } from "../../../server/deps.ts";
import type { AddressPolicy } from "../../../server/outbound/address-policy.ts";
import { fetchJson } from "../../../server/outbound/fetch-json.ts";
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
  deps: Deps,
  _scope: OrgScope,
  input: z.infer<typeof testConnectionInputSchema>,
): Answer<Test> {
  const steps: Step[] = [];
  const issuer = input.issuer.replace(/\/+$/, "");
  const found = await read(`${issuer}/.well-known/openid-configuration`, discoverySchema, deps.outbound);
  steps.push(stepOf("Discovery document", found.problem, "found"));
  if (found.value) {
    const { issuer: named, jwks_uri: keysUrl, code_challenge_methods_supported: pkce } = found.value;
    const same = named.replace(/\/+$/, "") === issuer;
    steps.push(
      stepOf("Issuer", same ? undefined : `it calls itself ${named.slice(0, 200)}: use exactly that`, "matches"),
    );
    const keys = await read(keysUrl, keysSchema, deps.outbound);
    steps.push(stepOf("Signing keys", keys.problem, `${keys.value?.keys.length ?? 0} found`));
    const supported = pkce === undefined || pkce.includes("S256");
    steps.push(stepOf("PKCE", supported ? undefined : "it does not support S256", pkce ? "S256" : "not announced"));
  }
  return ok({ ok: steps.every((step) => step.ok), steps });
}

function stepOf(name: string, problem: string | undefined, fine: string): Step {
  return { name, ok: problem === undefined, detail: problem ?? fine };
}

async function read<T>(
  url: string,
  schema: z.ZodType<T>,
  policy: AddressPolicy,
): Promise<{ value?: T; problem?: string }> {
  const fetched = await fetchJson(url, policy, { timeoutMs: TIMEOUT_MS, bytesMax: ANSWER_BYTES_MAX });
  if (!fetched.ok) return { problem: fetched.error.public };
  const parsed = schema.safeParse(fetched.value);
  return parsed.success ? { value: parsed.data } : { problem: "the answer is not what OpenID Connect prescribes" };
}
