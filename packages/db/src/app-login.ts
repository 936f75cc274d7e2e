import pg from "pg";

/** The application's role: made by the migrations, without the right to bypass row-level security. */
export const APP_ROLE = "sluice_app";

/**
 * Gives the application's role a login and this password, and returns the URL to connect with. Roles belong to the whole
 * cluster, so two set-ups at once may collide: it tries again. Throws when the role may bypass row-level security.
 */
export async function enableAppLogin(ownerUrl: string, password: string): Promise<string> {
  const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ free: boolean }>(
      `SELECT rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = $1`,
      [APP_ROLE],
    );
    if (rows[0] === undefined) throw new Error(`role ${APP_ROLE} is missing: run the migrations first`);
    if (rows[0].free) throw new Error(`role ${APP_ROLE} could bypass row-level security: refusing to use it`);
    await setPassword(client, password);
  } finally {
    await client.end();
  }
  const url = new URL(ownerUrl);
  url.username = APP_ROLE;
  url.password = encodeURIComponent(password);
  return url.toString();
}

async function setPassword(client: pg.Client, password: string): Promise<void> {
  const sql = `ALTER ROLE ${APP_ROLE} LOGIN PASSWORD ${client.escapeLiteral(password)}`;
  const attemptsMax = 5;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(sql);
      return;
    } catch (error) {
      const collided = error instanceof Error && error.message.includes("concurrently updated");
      if (!collided || attempt === attemptsMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
    }
  }
}
