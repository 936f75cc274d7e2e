import { join } from "node:path";
import { z } from "zod";
import { writePrivate } from "./settings.ts";

/** `.sluice/up.json`: everything that drives the running system starts here. Names in it stay stable. */
export const upFileSchema = z.object({
  consoleUrl: z.url(),
  apiUrl: z.url(),
  /** the control plane's gRPC address for enforcers */
  controlUrl: z.url(),
  /** where Slack is reached; null while no Slack is connected */
  slackUrl: z.url().nullable(),
  people: z.record(z.string(), z.object({ email: z.email(), password: z.string(), apiToken: z.string() })),
  agents: z.record(z.string(), z.object({ id: z.string(), token: z.string() })),
  resources: z.record(
    z.string(),
    z.object({ kind: z.string(), urls: z.record(z.string(), z.string()), directUrl: z.string().optional() }),
  ),
});

/** The parsed file. */
export type UpFile = z.infer<typeof upFileSchema>;

/** Writes the file with mode 600, all of it or nothing. */
export function writeUpFile(stateDir: string, content: UpFile): void {
  writePrivate(join(stateDir, "up.json"), upFileSchema.parse(content));
}

/** A connection URL that psql and node-postgres take as it is: TLS with the server's name and authority verified. */
export function postgresClientUrl(to: {
  readonly user: string;
  readonly password: string;
  readonly port: number;
  readonly database: string;
  readonly caFile: string;
}): string {
  const login = `${encodeURIComponent(to.user)}:${encodeURIComponent(to.password)}`;
  const query = new URLSearchParams({ sslmode: "verify-full", sslrootcert: to.caFile });
  return `postgres://${login}@localhost:${to.port}/${to.database}?${query.toString()}`;
}
