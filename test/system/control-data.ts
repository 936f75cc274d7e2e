import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";

const settingsSchema = z.object({
  ports: z.object({ controlDatabase: z.number() }),
  secrets: z.object({ databases: z.string() }),
});

/** Asks the control plane's database past row-level security, as its superuser: what really is committed. */
export async function queryControl(
  stateDir: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const settings = settingsSchema.parse(JSON.parse(readFileSync(join(stateDir, "settings.json"), "utf8")));
  const client = new pg.Client({
    host: "127.0.0.1",
    port: settings.ports.controlDatabase,
    user: "postgres",
    password: settings.secrets.databases,
    database: "sluice",
  });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** The committed records of exchanges whose statement holds this text, oldest first. */
export function recordsOf(stateDir: string, text: string) {
  return queryControl(
    stateDir,
    `SELECT seq::int, "principalType", "principalId", "onBehalfOf", verdict, status, policies, reason, statement, classes,
            "approvalId", "maskedCells"::int, outcome->'outcome'->>'tag' AS tag, body FROM record
     WHERE kind = 'exchange' AND strpos(statement, $1) > 0 ORDER BY "enforcerId", seq`,
    [text],
  );
}

/** Asks again and again until the answer is there; throws with the last one after `timeoutMs`. */
export async function eventually<T>(
  read: () => Promise<T>,
  enough: (value: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(50)) {
    const value = await read();
    if (enough(value)) return value;
    if (Date.now() > deadline) throw new Error(`it did not happen within ${timeoutMs} ms: ${JSON.stringify(value)}`);
  }
}
