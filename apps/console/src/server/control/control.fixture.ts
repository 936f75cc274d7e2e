import { openQueues } from "@sluice/jobs";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { openTestOrg, type TestOrg } from "../../provision/test-org.ts";
import { startWorker } from "../../worker/start-worker.ts";
import type { Deps } from "../deps.ts";
import { redisWakeups } from "../wakeups.ts";
import { startControl } from "./start-control.ts";
import { certificatePem, dial, newEnforcerKey, type Proof, serverProof, type TestStream } from "./test-enforcer.ts";

/** What an enforcer holds after it enrolled. */
interface Enrolled {
  readonly enforcerId: string;
  readonly key: Awaited<ReturnType<typeof newEnforcerKey>>["key"];
  readonly csrDer: Awaited<ReturnType<typeof newEnforcerKey>>["csrDer"];
  readonly proof: Proof;
}

/** A control server with its worker, a fresh org, and an enforcer of it that enrolled. */
export interface ControlWorld extends AsyncDisposable {
  readonly org: TestOrg;
  /** with the real clock, and woken by Redis */
  readonly deps: Deps;
  readonly server: Proof;
  readonly port: number;
  readonly me: Enrolled;
  /** the enforcer as it is stored now */
  row(): ReturnType<typeof readRow>;
  /** Spends the org's enrolment token; a second time is refused. */
  enrol(): Promise<Enrolled>;
}

/** Starts all of it on a free port. */
export async function openControl(): Promise<ControlWorld> {
  const org = await openTestOrg();
  const redis = new Redis(inject("redisUrl"));
  const wakeups = redisWakeups(redis);
  const deps = { ...org.deps, clock: { now: () => Date.now(), monotonic: () => performance.now() }, wakeups };
  const queues = openQueues(inject("redisUrl"));
  const server = await serverProof();
  const control = await startControl({
    db: org.db,
    deps,
    queues,
    certPem: Buffer.from(server.certPem),
    keyPem: Buffer.from(server.keyPem),
    host: "127.0.0.1",
    port: 0,
    consoleOrigin: async () => "http://console.test",
  });
  const { port } = control;
  const worker = await startWorker(inject("redisUrl"), org.db, deps);
  const enrol = () => enrolled(port, server, org.answer.enrolToken);
  const me = await enrol();
  return {
    org,
    deps,
    server,
    port,
    me,
    row: () => readRow(org, me.enforcerId),
    enrol,
    [Symbol.asyncDispose]: async () => {
      await control.close();
      await worker.close();
      await queues.close();
      await wakeups.close();
      redis.disconnect();
      await org[Symbol.asyncDispose]();
    },
  };
}

/** An enforcer's first message. */
export function hello(stream: TestStream, fields: { bundleVersion?: bigint; bundleDigest?: string } = {}): void {
  stream.send({ case: "hello", value: { version: "0.1.0", hostname: "test", firstUnackedSeq: 1n, ...fields } });
}

function readRow(org: TestOrg, id: string) {
  return org.data.tx((tx) => tx.enforcer.findUniqueOrThrow({ where: { id } }));
}

async function enrolled(port: number, server: Proof, token: string): Promise<Enrolled> {
  const { keyPem, key, csrDer } = await newEnforcerKey();
  const anonymous = dial(port, server.certPem);
  try {
    const answer = await anonymous.call("enrolment", "enrol", { token, csrDer, version: "0.1.0", hostname: "test" });
    const { certificateDer, enforcerId } = answer;
    if (!(certificateDer instanceof Uint8Array) || typeof enforcerId !== "string") throw new Error("no certificate");
    return { enforcerId, key, csrDer, proof: { keyPem, certPem: certificatePem(certificateDer) } };
  } finally {
    anonymous.close();
  }
}
