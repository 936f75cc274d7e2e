import type { Web } from "./web.ts";

const CHECK_MS_MAX = 3_000;

/** Whether this process can serve: itself, the database, Redis. Names and states only. */
export async function readHealth(web: Web): Promise<{ ok: boolean; checks: Record<string, "ok" | "failing"> }> {
  const [database, redis] = await Promise.all([
    stateOf(web.db.ping()),
    stateOf(web.redis.ping().then((answer) => void answer)),
  ]);
  return { ok: database === "ok" && redis === "ok", checks: { process: "ok", database, redis } };
}

async function stateOf(check: Promise<void>): Promise<"ok" | "failing"> {
  const late = new Promise<"failing">((resolve) => setTimeout(resolve, CHECK_MS_MAX, "failing").unref());
  return Promise.race([
    check.then(
      () => "ok" as const,
      () => "failing" as const, // the pools log the cause themselves
    ),
    late,
  ]);
}
