import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { withApiHeaders } from "../api-headers.ts";
import { limited } from "../limits.ts";
import { addressOf } from "../peer-address.ts";
import { factsOf, hostIsPlain, hostOf } from "../request.ts";
import { dataOf } from "../scope.ts";
import type { Web } from "../web.ts";
import { readConnections } from "./connections.ts";
import { signedOutCookie, signedOutHeader } from "./cookies.ts";
import { optionsFor } from "./options.ts";

/** Begun and completed sign-ins of one address and org: generous, as a whole office may share an address. */
const attemptsPerMinute = limited({ name: "sign-in", max: 240, windowMs: 60_000 });

/**
 * The only door to next-auth: checks the Host against the tenants first, then hands it that tenant's options. GET shows
 * or completes a flow that this browser began; what begins or ends a session is a POST with next-auth's CSRF token.
 */
export async function handleAuth(
  web: Web,
  request: NextRequest,
  params: Promise<{ nextauth: string[] }>,
): Promise<Response> {
  const facts = factsOf(request);
  const org = hostIsPlain(web, facts) ? await web.tenants.byHost(hostOf(web, facts)) : undefined;
  if (!org) return Response.json({ message: "There is no such organisation." }, { status: 404 });
  const [action = ""] = (await params).nextauth;
  const counts = action === "signin" || action === "callback";
  if (counts && !attemptsPerMinute(web.deps.clock, `${org.id} ${addressOf(web, facts)}`)) {
    return Response.json({ message: "Too many sign-in requests: try again in a minute." }, { status: 429 });
  }
  const data = dataOf(web.db, org.id);
  const { deps, authSecret } = web;
  const connections = await readConnections(data, deps.sealer);
  const askAgain = facts.cookie(signedOutCookie) !== undefined;
  const options = optionsFor(deps, data, connections, authSecret, askAgain);
  const answer: unknown = await NextAuth(request, { params }, options);
  if (!(answer instanceof Response)) throw new TypeError("next-auth did not answer");
  // next-auth has pages of its own beside ours (verify-request): nothing runs in them, and nobody frames them
  const guarded = withApiHeaders(answer);
  if (action === "signout" && request.method === "POST") {
    guarded.headers.append("set-cookie", signedOutHeader(deps.publicUrl.protocol === "https:"));
  }
  return guarded;
}
