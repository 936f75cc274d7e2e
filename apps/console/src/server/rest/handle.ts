import { logger } from "@sluice/telemetry";
import { z } from "zod";
import { apiHeaders } from "../api-headers.ts";
import { bearerOf, readApiToken } from "../auth/api-tokens.ts";
import { refusedFor } from "../auth/refused-for.ts";
import { limited, readBody } from "../limits.ts";
import { addressOf } from "../peer-address.ts";
import { factsOf, hostOf } from "../request.ts";
import { dataOf, type OrgScope } from "../scope.ts";
import { isStorable, NOT_STORABLE } from "../storable-input.ts";
import type { Web } from "../web.ts";
import { errorResponse, refusalResponse } from "./errors.ts";
import { findRoute, type RawInput, type RestRoute } from "./route.ts";
import { restRoutes } from "./routes.ts";

const log = logger("console.rest");
const BODY_BYTES_MAX = 4 * 1024 * 1024;
const callsPerMinute = limited({ name: "rest calls", max: 1_200, windowMs: 60_000 });
const failuresPerMinute = limited({ name: "rest failures", max: 60, windowMs: 60_000 });

/**
 * Answers one request under /api/v1. The tenant comes from the Host, the member from the bearer token and nothing else: no
 * cookie is read here, so no page elsewhere can act for anybody.
 */
export async function handleRest(web: Web, request: Request, segments: readonly string[]): Promise<Response> {
  const found = findRoute(restRoutes, request.method, segments);
  const entered = await enter(web, request);
  if (entered instanceof Response) return entered;
  if (!found) return errorResponse(404, "request.not_found", "There is no such route under /api/v1.");
  const { route, params } = found;
  const refused = route.permission && refusedFor(entered, route.permission);
  if (refused) return errorResponse(403, "request.forbidden", refused);
  const raw = await readInput(request, params);
  if (raw instanceof Response) return raw;
  return call(web, entered, route, raw);
}

async function enter(web: Web, request: Request): Promise<OrgScope | Response> {
  const facts = factsOf(request);
  const org = await web.tenants.byHost(hostOf(web, facts));
  if (!org) return errorResponse(404, "request.not_found", "There is no such organisation.");
  const { clock } = web.deps;
  const token = bearerOf(facts.header("authorization"));
  const data = dataOf(web.db, org.id);
  const actor = token === undefined ? undefined : await readApiToken(data, clock, token);
  if (!actor) {
    if (!failuresPerMinute(clock, `${org.id} ${addressOf(web, facts)}`)) return tooMany();
    const how = "Send a working API token as `Authorization: Bearer …`; make one under Settings.";
    return errorResponse(401, "request.unauthorized", how);
  }
  if (!callsPerMinute(clock, actor.memberId)) return tooMany();
  return { org, actor, data };
}

function tooMany(): Response {
  return errorResponse(429, "request.too_many", "Too many requests: slow down and try again in a minute.");
}

const bodySchema = z.record(z.string(), z.unknown());

async function readInput(request: Request, params: Readonly<Record<string, string>>): Promise<RawInput | Response> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method === "GET") return checked({ ...query, ...params });
  const text = await readBody(request, BODY_BYTES_MAX);
  if (text === undefined) return errorResponse(413, "request.too_large", `At most ${BODY_BYTES_MAX} bytes.`);
  const body = bodySchema.safeParse(text === "" ? {} : parseJson(text));
  if (!body.success) return errorResponse(400, "request.invalid", "The body must be a JSON object.");
  return checked({ ...body.data, ...params });
}

function checked(raw: RawInput): RawInput | Response {
  return isStorable(raw) ? raw : errorResponse(400, "request.invalid", NOT_STORABLE);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the schema refuses it
  }
}

async function call(web: Web, scope: OrgScope, route: RestRoute, raw: RawInput): Promise<Response> {
  try {
    const answer = await route.call(web.deps, scope, raw);
    switch (answer.kind) {
      case "answer":
        return Response.json(answer.value, { headers: apiHeaders });
      case "refused":
        log.info({ route: route.path, code: answer.error.code }, "rest.refused");
        return refusalResponse(answer.error);
      case "bad_input":
        return errorResponse(400, "request.invalid", "The request is not understood.", answer.reasons);
    }
  } catch (err) {
    log.error({ route: route.path, err }, "rest.failed");
    return errorResponse(500, "request.failed", "Something went wrong on our side; the log holds the cause.");
  }
}
