import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { addressOf, limited } from "../limits.ts";
import { factsOf, hostOf } from "../request.ts";
import { dataOf } from "../scope.ts";
import type { Web } from "../web.ts";
import { readConnections } from "./connections.ts";
import { optionsFor } from "./options.ts";

const attemptsPerMinute = limited({ name: "sign-in", max: 60, windowMs: 60_000 });

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
  const org = await web.tenants.byHost(hostOf(facts));
  if (!org) return Response.json({ message: "There is no such organisation." }, { status: 404 });
  if (!attemptsPerMinute(web.deps.clock, `${org.id} ${addressOf(facts)}`)) {
    return Response.json({ message: "Too many sign-in requests: try again in a minute." }, { status: 429 });
  }
  const data = dataOf(web.db, org.id);
  const connections = await readConnections(data, web.deps.sealer);
  const answer: unknown = await NextAuth(request, { params }, optionsFor(web.deps, data, connections, web.authSecret));
  if (!(answer instanceof Response)) throw new TypeError("next-auth did not answer");
  return answer;
}
