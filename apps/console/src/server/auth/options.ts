import { createHmac } from "node:crypto";
import type { Secret } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";
import { decodeJwt } from "jose";
import type { NextAuthOptions } from "next-auth";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import type { AddressPolicy } from "../outbound/address-policy.ts";
import { guardedAgent } from "../outbound/guarded-agent.ts";
import type { OrgData } from "../scope.ts";
import { adapterOn } from "./adapter.ts";
import { admit } from "./admit.ts";
import type { OidcConnection } from "./connections.ts";
import { cookieOptions, sessionCookieName } from "./cookies.ts";
import { newSessionToken, SESSION_LIFETIME_MS } from "./sessions.ts";

const log = logger("console.auth");
const HTTP_TIMEOUT_MS = 10_000;

/** Where sign-in begins, and where every refusal of it is explained. */
export const SIGN_IN_PATH = "/sign-in";

/**
 * next-auth's options for one request of one tenant: its own providers, cookies' key, and rows. With `askAgain` the provider
 * asks who it is even when it still knows somebody.
 */
export function optionsFor(
  deps: Deps,
  data: OrgData,
  connections: readonly OidcConnection[],
  secret: Secret<string>,
  askAgain: boolean,
): NextAuthOptions {
  const secure = deps.publicUrl.protocol === "https:";
  let admittedId: string | undefined;
  return {
    providers: connections.map((connection) => providerOf(connection, deps.outbound, askAgain)),
    adapter: adapterOn(data, deps.clock, () => admittedId),
    // Each tenant's state, nonce and PKCE cookies are sealed with a key of its own.
    secret: createHmac("sha256", secret.reveal()).update(`sluice auth ${data.orgId}`).digest("base64url"),
    session: {
      strategy: "database",
      maxAge: SESSION_LIFETIME_MS / 1000,
      updateAge: SESSION_LIFETIME_MS / 1000,
      generateSessionToken: newSessionToken,
    },
    useSecureCookies: secure,
    cookies: { sessionToken: { name: sessionCookieName(secure), options: cookieOptions(secure) } },
    pages: { signIn: SIGN_IN_PATH, error: SIGN_IN_PATH, signOut: SIGN_IN_PATH },
    callbacks: {
      signIn: async ({ account, profile }) => {
        const connection = connections.find((candidate) => candidate.providerId === account?.provider);
        if (!connection) return refusedAt("signin.bad_claims");
        const admitted = await admit(data, connection, profile);
        if (!admitted.ok) {
          log.warn({ orgId: data.orgId, code: admitted.error.code }, "auth.refused");
          return refusedAt(admitted.error.code);
        }
        admittedId = admitted.value.memberId;
        log.info({ orgId: data.orgId, memberId: admittedId }, "auth.signed_in");
        return true;
      },
      redirect: ({ url, baseUrl }) => sameOrigin(url, baseUrl),
    },
    logger: {
      error: (code, metadata) => log.error({ orgId: data.orgId, code, err: errorIn(metadata) }, "auth.failed"),
      warn: (code) => log.debug({ orgId: data.orgId, code }, "auth.warned"),
      debug: () => undefined, // holds profiles and tokens
    },
  };
}

function refusedAt(code: string): string {
  return `${SIGN_IN_PATH}?error=${encodeURIComponent(code)}`;
}

/** Only a place on the origin that signed in; anything else leads to the first page. */
function sameOrigin(url: string, baseUrl: string): string {
  const target = URL.canParse(url, baseUrl) ? new URL(url, baseUrl) : undefined;
  return target?.origin === new URL(baseUrl).origin ? target.toString() : baseUrl;
}

const errorHolder = z.object({ error: z.instanceof(Error) });

function errorIn(metadata: unknown): Error | undefined {
  if (metadata instanceof Error) return metadata;
  return errorHolder.safeParse(metadata).data?.error;
}

const claimsSchema = z.looseObject({ sub: z.string(), email: z.string().optional(), name: z.string().optional() });

function providerOf(
  connection: OidcConnection,
  outbound: AddressPolicy,
  askAgain: boolean,
): OAuthConfig<Record<string, unknown>> {
  const protocol = connection.issuer.startsWith("http:") ? "http:" : "https:";
  return {
    id: connection.providerId,
    name: connection.name,
    type: "oauth",
    issuer: connection.issuer,
    wellKnown: `${connection.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    clientId: connection.clientId,
    clientSecret: connection.clientSecret.reveal(),
    authorization: { params: { scope: "openid email profile", ...(askAgain ? { prompt: "login" } : {}) } },
    checks: ["pkce", "state", "nonce"],
    idToken: true,
    // the issuer is the tenant's choice, and names the other addresses that are asked
    httpOptions: { timeout: HTTP_TIMEOUT_MS, agent: guardedAgent(protocol, outbound) },
    // Providers differ in where they put e-mail and name: the verified ID token and the userinfo answer together.
    userinfo: {
      request: async ({ client, tokens }) => {
        if (tokens.id_token === undefined || tokens.access_token === undefined) throw new Error("a token is missing");
        const claims = decodeJwt(tokens.id_token); // its signature, audience and nonce were checked when it came
        const info = await client.userinfo(tokens.access_token);
        if (info.sub !== claims.sub) throw new Error("userinfo speaks of another subject than the ID token");
        return { ...claims, ...info };
      },
    },
    profile: (claims) => {
      const { sub, email, name } = claimsSchema.parse(claims);
      return { id: sub, email: email ?? null, name: name ?? null };
    },
  };
}
