import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BundleContent } from "@sluice/bundle";
import { newId, systemClock, unwrap } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { planCopyMasks, planRowMasks } from "../../apps/enforcer/src/masking/index.ts";
import { startTestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { openSpool } from "../../apps/enforcer/src/recorder/open-spool.ts";
import { fileIo } from "../../apps/enforcer/src/recorder/spool-io.ts";

// One enforcer as a process of its own, so that its memory and processor time can be told from everybody else's: the real
// listener, pipeline, masking and spool, with policies that were compiled before. Ends when its standard input does.

const SPOOL_BYTES_MAX = 4 * 2 ** 30;

configureLogs({ level: "error" });
const [given, policiesFile, stateDir, wire] = process.argv.slice(2);
if (given === undefined || policiesFile === undefined || stateDir === undefined)
  throw new Error("usage: postgres-enforcer.ts <upstream> <compiled policies> <directory> [plain]");
const plaintext = wire === "plain" ? true : undefined;
const upstream: Parameters<typeof startTestSite>[0]["upstream"] = JSON.parse(given);
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
