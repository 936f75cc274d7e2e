import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** From when to when a certificate holds. */
export interface Life {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A certificate authority of a test. */
export interface TestAuthority {
  readonly pem: string;
  readonly der: Uint8Array;
  issue(publicKey: x509.PublicKeyType, names: x509.JsonGeneralNames, life: Life): Promise<x509.X509Certificate>;
}

/** Makes an authority. */
export async function testAuthority(name: string): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    keys,
    signingAlgorithm: P256,
    notBefore: new Date(Date.now() - 600_000),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return {
    pem: own.toString("pem"),
    der: new Uint8Array(own.rawData),
    issue: (publicKey, names, { fromMs, toMs }) =>
      x509.X509CertificateGenerator.create({
        serialNumber: randomBytes(8).toString("hex").replace(/^./, "1"),
        subject: "CN=test",
        issuer: own.subject,
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: P256,
        notBefore: new Date(fromMs),
        notAfter: new Date(toMs),
        extensions: [new x509.SubjectAlternativeNameExtension(names)],
      }),
  };
}

/** A server's key and certificate for loopback, from an authority. */
export async function loopbackCertificate(
  authority: TestAuthority,
): Promise<{ keyPem: string; certificatePem: string }> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const names: x509.JsonGeneralNames = [
    { type: "dns", value: "localhost" },
    { type: "ip", value: "127.0.0.1" },
  ];
  const life = { fromMs: Date.now() - 60_000, toMs: Date.now() + 3_600_000 };
  const certificate = await authority.issue(keys.publicKey, names, life);
  const keyDer = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${keyDer.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  return { keyPem, certificatePem: certificate.toString("pem") };
}

/** A client certificate for the key of a request whose own signature holds. */
export async function certify(
  authority: TestAuthority,
  csrDer: Uint8Array,
  uri: string,
  lifeMs: number,
): Promise<Uint8Array> {
  const request = new x509.Pkcs10CertificateRequest(new Uint8Array(csrDer));
  if (!(await request.verify())) throw new Error("the request is not signed by its key");
  const fromMs = Date.now() - 1_000;
  const life = { fromMs, toMs: fromMs + 1_000 + lifeMs };
  const issued = await authority.issue(request.publicKey, [{ type: "url", value: uri }], life);
  return new Uint8Array(issued.rawData);
}
