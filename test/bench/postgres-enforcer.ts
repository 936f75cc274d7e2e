import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { newId, systemClock, unwrap } from "@sluice/kernel";
import { configureLogs } from "@sluice/telemetry";
import { planCopyMasks, planRowMasks } from "../../apps/enforcer/src/masking/index.ts";
import { startTestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { openSpool } from "../../apps/enforcer/src/recorder/open-spool.ts";
import { fileIo } from "../../apps/enforcer/src/recorder/spool-io.ts";
import { policyTexts } from "./policy-world.ts";

// One enforcer as a process of its own, so that its memory and processor time can be told from everybody else's: the real
// listener, pipeline, masking and spool, with 1,000 policies. Ends when its standard input does.

const RULES = 1_000;
const SPOOL_BYTES_MAX = 4 * 2 ** 30;

configureLogs({ level: "error" });
const [given, stateDir] = process.argv.slice(2);
if (given === undefined || stateDir === undefined)
  throw new Error("usage: postgres-enforcer.ts <upstream> <directory>");
const upstream: Parameters<typeof startTestSite>[0]["upstream"] = JSON.parse(given);
const recorder = unwrap(
  openSpool({
    directory: join(stateDir, "spool"),
    owner: { orgId: newId(), siteId: newId(), enforcerId: newId() },
    signingKey: generateKeyPairSync("ed25519").privateKey,
    bytesMax: SPOOL_BYTES_MAX,
    clock: systemClock,
    io: fileIo,
  }),
);
const masking = { planRows: planRowMasks, planCopy: planCopyMasks };
const site = await startTestSite({ upstream, masking, recorder, ...policyTexts(RULES, 0) });
console.log(JSON.stringify({ port: site.port, caFile: site.caFile }));
process.stdin.on("end", () => process.exit(0)).resume();
