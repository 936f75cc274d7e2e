import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { Pkcs10CertificateRequestGenerator } from "@peculiar/x509";
import { unwrap } from "@sluice/kernel";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestOrg, type TestOrg } from "../../../provision/test-org.ts";
import { systemActor } from "../../records/index.ts";
import { banEnforcer } from "./ban-enforcer.ts";
import { enrolEnforcer } from "./enrol-enforcer.ts";
import { identifyEnforcer, RECOVERY_MS_MAX } from "./identify-enforcer.ts";
import { ENROL_TOKEN_MS, issueEnrolToken } from "./issue-enrol-token.ts";
import { recoverCertificate, renewCertificate } from "./renew-certificate.ts";

let org: TestOrg;
let other: TestOrg;
beforeAll(async () => {
  org = await openTestOrg();
  other = await openTestOrg();
});
afterAll(async () => {
  await org?.[Symbol.asyncDispose]();
  await other?.[Symbol.asyncDispose]();
});
let enforcerId: string;
let token: string;
let csr: Awaited<ReturnType<typeof newRequest>>;
beforeEach(async () => {
  const { orgId, siteId } = org.answer;
  ({ enforcerId, token } = await org.data.tx(async (tx) => {
    const { id } = await tx.enforcer.create({ data: { orgId, siteId, name: crypto.randomUUID() } });
    const issued = unwrap(await issueEnrolToken(tx, org.deps, orgId, id));
    return { enforcerId: id, token: issued.token.reveal() };
  }));
  csr = await newRequest();
});

async function newRequest(): Promise<Uint8Array> {
  const algorithm = { name: "Ed25519" } as const;
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: "CN=x", keys, signingAlgorithm: algorithm });
  return new Uint8Array(request.rawData);
}
const enrol = (fields: { token?: string; csrDer?: Uint8Array } = {}) =>
  enrolEnforcer(org.db, org.deps, { token, csrDer: csr, version: "0.1.0", hostname: "host", ...fields });
const codeOf = (result: Awaited<ReturnType<typeof enrol>>) => (result.ok ? "ok" : result.error.code);
const identify = (der: Uint8Array, endedMsMax = 0) => identifyEnforcer(org.db, der, org.deps.clock.now(), endedMsMax);

describe("enrolment", () => {
  test("gives a certificate of the org's authority, at most an hour long, that names exactly this enforcer", async () => {
    const { certificate, authorityDer, bundleKey } = unwrap(await enrol());
    const parsed = new X509Certificate(certificate.der);
    expect(parsed.subjectAltName).toBe(
      `URI:sluice://org/${org.answer.orgId}/site/${org.answer.siteId}/enforcer/${enforcerId}`,
    );
    expect(parsed.verify(new X509Certificate(authorityDer).publicKey)).toBe(true);
    expect(parsed.ca).toBe(false);
    expect(certificate.notAfter.getTime() - certificate.notBefore.getTime()).toBeLessThanOrEqual(3_600_000);
    expect(bundleKey.length).toBe(32);
    expect(unwrap(await identify(certificate.der))).toMatchObject({ enforcerId, orgId: org.answer.orgId });
  });

  test("refuses a token that was used, except for the same key again", async () => {
    await enrol();
    expect(codeOf(await enrol())).toBe("ok");
    expect(codeOf(await enrol({ csrDer: await newRequest() }))).toBe("enrol.used");
  });

  test("lets only one of two keys win when both come at once", async () => {
    const both = await Promise.all([enrol(), enrol({ csrDer: await newRequest() })]);
    expect(both.map(codeOf).sort()).toEqual(["enrol.used", "ok"]);
  });

  test("refuses an expired token, an unknown one, and one of a banned enforcer", async () => {
    expect(codeOf(await enrol({ token: "sluice_enrol_nothing" }))).toBe("enrol.unknown_token");
    org.deps.clock.advance(ENROL_TOKEN_MS);
    expect(codeOf(await enrol())).toBe("enrol.expired");
    org.deps.clock.advance(-ENROL_TOKEN_MS);
    await org.data.tx((tx) => tx.enforcer.update({ where: { id: enforcerId }, data: { status: "banned" } }));
    expect(codeOf(await enrol())).toBe("enrol.banned");
  });

  test("refuses a request that is none, or that another key signed", async () => {
    expect(codeOf(await enrol({ csrDer: Buffer.from("nonsense") }))).toBe("certificate.bad_request");
    const forged = Uint8Array.from(csr);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(codeOf(await enrol({ csrDer: forged }))).toBe("certificate.bad_proof");
  });

  test("does not enrol an enrolled enforcer with a new key: it would begin a second chain", async () => {
    await enrol();
    const again = await org.data.tx((tx) => issueEnrolToken(tx, org.deps, org.answer.orgId, enforcerId));
    const fresh = unwrap(again).token.reveal();
    expect(codeOf(await enrol({ token: fresh, csrDer: await newRequest() }))).toBe("enrol.enrolled_already");
  });
});

describe("a certificate", () => {
  test("proves nothing when it ended, when it is of another org's authority, or when the enforcer is banned", async () => {
    const { certificate } = unwrap(await enrol());
    org.deps.clock.advance(3_600_000);
    expect(await identify(certificate.der)).toMatchObject({ error: { code: "enforcer.ended_certificate" } });
    org.deps.clock.advance(-3_600_000);
    const foreign = unwrap(
      await enrolEnforcer(other.db, other.deps, {
        token: other.answer.enrolToken,
        csrDer: await newRequest(),
        version: "",
        hostname: "",
      }),
    );
    expect(await identify(foreign.certificate.der)).toMatchObject({ ok: true });
    expect(await identify(foreign.authorityDer)).toMatchObject({ error: { code: "enforcer.foreign_certificate" } });
    await banEnforcer(org.deps, org.data, systemActor, { enforcerId, reason: "stolen" });
    expect(await identify(certificate.der)).toMatchObject({ error: { code: "enforcer.banned" } });
    expect(await identify(new Uint8Array([1, 2, 3]))).toMatchObject({ error: { code: "enforcer.no_certificate" } });
  });

  test("is renewed for its own key only", async () => {
    const { certificate } = unwrap(await enrol());
    const identity = unwrap(await identify(certificate.der));
    expect(await renewCertificate(org.db, org.deps, identity, csr)).toMatchObject({ ok: true });
    expect(await renewCertificate(org.db, org.deps, identity, await newRequest())).toMatchObject({
      error: { code: "enforcer.other_key" },
    });
  });

  test("that ended is recovered within 30 days by its own key, not later and not when banned", async () => {
    const { certificate } = unwrap(await enrol());
    const recover = () => recoverCertificate(org.db, org.deps, { certificateDer: certificate.der, csrDer: csr });
    org.deps.clock.advance(RECOVERY_MS_MAX);
    expect(await recover()).toMatchObject({ ok: true });
    org.deps.clock.advance(3_600_000);
    expect(await recover()).toMatchObject({ error: { code: "enforcer.ended_certificate" } });
    org.deps.clock.advance(-RECOVERY_MS_MAX);
    await banEnforcer(org.deps, org.data, systemActor, { enforcerId, reason: "stolen" });
    expect(await recover()).toMatchObject({ error: { code: "enforcer.banned" } });
  });
});
