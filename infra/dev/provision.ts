import { spawn } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";
import { UpFailure } from "./failure.ts";

const timeoutMs = 60_000;

const answerSchema = z.object({
  people: z.record(z.string(), z.object({ apiToken: z.string(), accessToken: z.string() })),
  agents: z.record(z.string(), z.object({ id: z.string(), accessToken: z.string() })),
  enrolToken: z.string().optional(),
});

/** What the console's own provisioning answered (apps/console/src/provision/contract.ts has the whole form). */
export type Provisioned = z.infer<typeof answerSchema>;

/** Runs the console's provisioning as its own process: the request on standard input, the answer on standard output. */
export async function provision(root: string, env: Record<string, string>, request: object): Promise<Provisioned> {
  const script = join(root, "apps/console/src/provision/main.ts");
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env,
    stdio: ["pipe", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  const [out, log]: [string[], string[]] = [[], []];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => out.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => log.push(chunk));
  child.stdin.on("error", () => {}); // it ended early: its status says why
  child.stdin.end(JSON.stringify(request));
  const status = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code ?? 1));
  });
  if (status === 0) return answerSchema.parse(JSON.parse(out.join("")));
  throw new UpFailure(
    `The demo org could not be set up (${status})`,
    "`npm run up -- --fresh` starts over with empty databases.",
    {
      detail: log.join("").trimEnd().split("\n").slice(-20).join("\n"),
    },
  );
}
