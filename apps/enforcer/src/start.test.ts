import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rawPublicKey } from "@sluice/bundle";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFakeControl } from "./control/fake-control.fixture.ts";
import { loopbackCertificate, testAuthority } from "./control/test-authority.fixture.ts";
import { bundleKeys, envelope, stateDirectory } from "./control/test-site.fixture.ts";

const STARTS_MS = 120_000;
const LEAN = "--max-semi-space-size=8";
let stateDir: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  stateDir = stateDirectory();
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(stateDir, { recursive: true, force: true });
});

test(
  "what is started as the enforcer becomes a lean process, runs as itself, and ends when it is told to",
  async () => {
    const fake = await startFakeControl();
    fake.bundleKey = rawPublicKey(bundleKeys.publicKey);
    fake.envelope = envelope();
    const { certificatePem, keyPem } = await loopbackCertificate(await testAuthority("listener"));
    const file = (name: string, text: string) => {
      const path = join(stateDir, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const started = spawn(process.execPath, [new URL("./start.ts", import.meta.url).pathname], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env.PATH,
        SLUICE_CONTROL_ADDRESS: fake.address,
        SLUICE_CONTROL_CA_FILE: file("control-ca.crt", fake.serverCaPem),
        SLUICE_STATE_DIR: join(stateDir, "state"),
        SLUICE_ENROL_TOKEN: "once",
        SLUICE_LISTENER_CERT_FILE: file("listener.crt", certificatePem),
        SLUICE_LISTENER_KEY_FILE: file("listener.key", keyPem),
      },
    });
    child = started;
    let log = "";
    const running = new Promise<boolean>((resolve) => {
      started.once("exit", () => resolve(false));
      started.stdout.on("data", (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes("enforcer.started")) resolve(true);
      });
    });
    expect(await running, log).toBe(true);
    expect(log).not.toContain("enforcer.not_lean");
    // its own pid's command line: a child of it would not be ended with it
    const words = readFileSync(`/proc/${started.pid}/cmdline`, "utf8").split("\0");
    expect(words).toContain(LEAN);
    const ended = once(started, "exit");
    started.kill("SIGTERM");
    expect((await ended)[0]).toBe(0);
    expect(log).toContain("enforcer.stopped");
    fake.stop();
  },
  STARTS_MS,
);
