import "reflect-metadata";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 86_400_000;
const names: x509.JsonGeneralName[] = [
  { type: "dns", value: "localhost" },
  { type: "ip", value: "127.0.0.1" },
  { type: "ip", value: "::1" },
];

/** A development certificate authority on disk: `caFile` is what clients trust. */
export interface DevCa {
  readonly dir: string;
  readonly caFile: string;
}

/** Files of one server certificate for localhost, 127.0.0.1 and ::1. */
export interface ServerCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The authority in `dir`, made on first use (valid ten years; its key has mode 600 and signs for loopback only by habit). */
export async function devCa(dir: string): Promise<DevCa> {
  const ca: DevCa = { dir, caFile: join(dir, "ca.crt") };
  const keyFile = join(dir, "ca.key");
  if (existsSync(ca.caFile) && existsSync(keyFile)) return ca;
  mkdirSync(dir, { recursive: true });
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString("hex").replace(/^./, "1"),
    name: `CN=Sluice development CA ${randomBytes(4).toString("hex")}`,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 3650 * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeKey(keyFile, keys.privateKey);
  writeFileSync(ca.caFile, certificate.toString("pem"), { mode: 0o644 });
  return ca;
}

/** The server certificate `name` of that authority, made anew when it is missing, ends within a week or has another issuer. */
export async function serverCertificate(ca: DevCa, name: string): Promise<ServerCertificate> {
  const files = { certFile: join(ca.dir, `${name}.crt`), keyFile: join(ca.dir, `${name}.key`) };
  const issuer = new x509.X509Certificate(readFileSync(ca.caFile, "utf8"));
  if (await stillGood(files, issuer)) return files;
  const issuerKey = await readKey(join(ca.dir, "ca.key"));
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString("hex").replace(/^./, "1"),
    subject: `CN=${name}`,
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 365 * day),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: issuerKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeKey(files.keyFile, keys.privateKey);
  writeFileSync(files.certFile, certificate.toString("pem"), { mode: 0o644 });
  return files;
}

/** Changes whenever the certificate does, so that its server is started anew. */
export function certificateFingerprint(files: ServerCertificate): string {
  return createHash("sha256").update(readFileSync(files.certFile)).digest("hex").slice(0, 16);
}

async function stillGood(files: ServerCertificate, issuer: x509.X509Certificate): Promise<boolean> {
  if (!existsSync(files.certFile) || !existsSync(files.keyFile)) return false;
  const certificate = new x509.X509Certificate(readFileSync(files.certFile, "utf8"));
  if (certificate.notAfter.getTime() < Date.now() + 7 * day) return false;
  return certificate.verify({ publicKey: issuer.publicKey, signatureOnly: true });
}

async function writeKey(path: string, key: CryptoKey): Promise<void> {
  const der = await crypto.subtle.exportKey("pkcs8", key);
  writeFileSync(path, x509.PemConverter.encode(der, x509.PemConverter.PrivateKeyTag), { mode: 0o600 });
  chmodSync(path, 0o600);
}

async function readKey(path: string): Promise<CryptoKey> {
  const der = x509.PemConverter.decodeFirst(readFileSync(path, "utf8"));
  return crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
