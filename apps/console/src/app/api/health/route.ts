import { readHealth } from "../../../server/health.ts";
import { web } from "../../../server/web.ts";

export const dynamic = "force-dynamic";

/** For load balancers and `npm run up`: 200 when everything this process needs answers, else 503 with what does not. */
export async function GET(): Promise<Response> {
  const health = await readHealth(web());
  return Response.json(health, { status: health.ok ? 200 : 503, headers: { "cache-control": "no-store" } });
}
