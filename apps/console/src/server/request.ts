import { sessionCookieName } from "./auth/cookies.ts";
import { readSession, sessionStillLives } from "./auth/sessions.ts";
import { dataOf } from "./scope.ts";
import type { RequestContext } from "./trpc.ts";
import type { Web } from "./web.ts";

/** What is read of a request: works for Fetch requests and for Next's `headers()` and `cookies()`. */
export interface RequestFacts {
  header(name: string): string | null | undefined;
  cookie(name: string): string | undefined;
}

/**
 * The host a request was sent to: what the proxy in front of us says, if there is one, else the Host that it carries. Without
 * a proxy anybody can write X-Forwarded-Host. Of several values the last is the nearest proxy's.
 */
export function hostOf(web: Pick<Web, "trustsProxy">, facts: Pick<RequestFacts, "header">): string | undefined {
  const forwarded = web.trustsProxy ? facts.header("x-forwarded-host")?.split(",").at(-1)?.trim() : undefined;
  return forwarded || facts.header("host")?.trim();
}

/**
 * Whether next-auth, which reads X-Forwarded-Host by itself (Next adds it where the client sent none), will build its
 * addresses from the same host.
 */
export function hostIsPlain(web: Pick<Web, "trustsProxy">, facts: Pick<RequestFacts, "header">): boolean {
  const forwarded = facts.header("x-forwarded-host");
  return forwarded === null || forwarded === undefined || forwarded === hostOf(web, facts);
}

/** The cookies of a Fetch request, by name; the first of equal names wins. */
export function factsOf(request: Request): RequestFacts {
  const cookies = new Map<string, string>();
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const cut = pair.indexOf("=");
    const name = pair.slice(0, Math.max(cut, 0)).trim();
    if (name !== "" && !cookies.has(name)) cookies.set(name, pair.slice(cut + 1).trim());
  }
  return { header: (name) => request.headers.get(name), cookie: (name) => cookies.get(name) };
}

/** Before the ladder: finds the tenant by Host, then the session by cookie inside that tenant. */
export async function contextOf(web: Web, facts: RequestFacts): Promise<RequestContext> {
  const org = await web.tenants.byHost(hostOf(web, facts));
  if (!org) return { deps: web.deps, tenant: undefined, session: undefined };
  const data = dataOf(web.db, org.id);
  const cookie = facts.cookie(sessionCookieName(web.deps.publicUrl.protocol === "https:"));
  const session = await readSession(data, web.deps.clock, cookie);
  return {
    deps: web.deps,
    tenant: { org, data },
    session: session && {
      actor: session.actor,
      stillLives: () => sessionStillLives(data, web.deps.clock, session),
      stopping: web.stopping.signal,
    },
  };
}
