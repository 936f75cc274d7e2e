import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BundleContent } from "@sluice/bundle";
import { newId, systemClock, unwrap } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { NICE_DEFAULT, takePriority } from "../../apps/enforcer/src/launch/priority.ts";
import { planCopyMasks, planRowMasks } from "../../apps/enforcer/src/masking/index.ts";
import { startTestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { openSpool } from "../../apps/enforcer/src/recorder/open-spool.ts";
import { fileIo } from "../../apps/enforcer/src/recorder/spool-io.ts";

const SPOOL_BYTES_MAX = 4 * 2 ** 30;

/** What the process is given. */
export interface EnforcerOptions {
  readonly upstream: Parameters<typeof startTestSite>[0]["upstream"];
  readonly policiesFile: string;
  readonly stateDir: string;
  readonly plain: boolean;
}

/**
 * One enforcer: the real listener, pipeline, masking and spool, with policies that were compiled before. Says where it
 * listens and ends when its standard input does.
 */
export async function runEnforcer({ plain, policiesFile, stateDir, upstream }: EnforcerOptions): Promise<void> {
  configureLogs({ level: "error" });
  takePriority(NICE_DEFAULT); // as the product does; refused here, it is refused to PgBouncer too
  const plaintext = plain ? true : undefined;
  const recorder = unwrap(
    openSpool({
      directory: join(stateDir, plaintext ? "spool-plain" : "spool"),
      owner: { orgId: newId(), siteId: newId(), enforcerId: newId() },
      signingKey: generateKeyPairSync("ed25519").privateKey,
      bytesMax: SPOOL_BYTES_MAX,
      clock: systemClock,
      io: fileIo,
    }),
  );
  const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
  const compiled: BundleContent["policies"] = JSON.parse(readFileSync(policiesFile, "utf8"));
  const site = await startTestSite({ upstream, masking, recorder, compiled, plaintext });
  console.log(JSON.stringify({ port: site.port, caFile: site.caFile }));
  process.stdin.on("end", () => process.exit(0)).resume();
}
