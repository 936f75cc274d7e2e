import { logger } from "@sluice/telemetry";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { apiHeaders, withApiHeaders } from "./api-headers.ts";
import { readBody } from "./limits.ts";
import { contextOf, factsOf } from "./request.ts";
import { appRouter } from "./root.ts";
import { fromOwnOrigin } from "./same-origin.ts";
import { Refusal } from "./trpc-errors.ts";
import type { Web } from "./web.ts";

const log = logger("console.trpc");
/** Where the procedures live. */
export const TRPC_PATH = "/api/trpc";
const BODY_BYTES_MAX = 4 * 1024 * 1024;
const BATCH_MAX = 20;

/** Answers one tRPC request. POST only from our own pages, bodies bounded; GET runs queries and subscriptions only. */
export async function handleTrpc(web: Web, request: Request): Promise<Response> {
  const facts = factsOf(request);
  let bounded = request;
  if (request.method === "POST") {
    if (!fromOwnOrigin(web, facts)) return refused(403, "This request did not come from the console's own pages.");
    const body = await readBody(request, BODY_BYTES_MAX);
    if (body === undefined) return refused(413, `The request is larger than ${BODY_BYTES_MAX} bytes.`);
    bounded = new Request(request.url, { method: "POST", headers: request.headers, body, signal: request.signal });
  }
  const answer = await fetchRequestHandler({
    endpoint: TRPC_PATH,
    req: bounded,
    router: appRouter,
    maxBatchSize: BATCH_MAX,
    // the console sends its queries by POST: policy texts do not fit into an address
    allowMethodOverride: true,
    createContext: () => contextOf(web, facts),
    onError: ({ error, path, type }) => {
      if (error.cause instanceof Refusal) {
        log.info({ path, type, code: error.cause.refusal.code }, "trpc.refused");
      } else if (error.code === "INTERNAL_SERVER_ERROR") {
        log.error({ path, type, err: error.cause ?? error }, "trpc.failed");
      }
    },
  });
  return withApiHeaders(answer);
}

function refused(status: number, message: string): Response {
  return Response.json({ error: { message } }, { status, headers: apiHeaders });
}
