import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { readIfThere, replaceFile } from "./state-files.ts";

const enrolmentSchema = z.object({
  orgId: z.uuid(),
  siteId: z.uuid(),
  enforcerId: z.uuid(),
  /** raw Ed25519 key that signs this org's bundles, base64: pinned at enrolment */
  bundleKey: z.base64(),
});

/** Who this enforcer is, as the control plane told it once. */
export interface Enrolment {
  readonly orgId: string;
  readonly siteId: string;
  readonly enforcerId: string;
  readonly bundleKey: Uint8Array;
}

/** The files that make an enforcer itself: its key never leaves them. */
export interface EnrolmentStore {
  /** the enforcer's Ed25519 key; made, with mode 600, the first time it is asked for */
  key(): KeyObject;
  /** undefined before the first enrolment. Throws when the file is not what was written. */
  enrolment(): Enrolment | undefined;
  certificate(): X509Certificate | undefined;
  save(enrolment: Enrolment, certificateDer: Uint8Array): void;
  saveCertificate(certificateDer: Uint8Array): void;
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function loadKey(path: string): KeyObject {
  const stored = readIfThere(path);
  if (stored !== undefined) return createPrivateKey(stored);
  const { privateKey } = generateKeyPairSync("ed25519");
  replaceFile(path, privateKey.export({ format: "pem", type: "pkcs8" }));
  return privateKey;
}

/** The store in a state directory. Methods throw the file system's errors. */
export function enrolmentStore(stateDir: string): EnrolmentStore {
  const paths = {
    key: join(stateDir, "enforcer.key.pem"),
    certificate: join(stateDir, "enforcer.crt.pem"),
    enrolment: join(stateDir, "enrolment.json"),
  };
  let key: KeyObject | undefined;
  return {
    key: () => {
      key ??= loadKey(paths.key);
      return key;
    },
    enrolment: () => {
      const stored = readIfThere(paths.enrolment);
      if (stored === undefined) return undefined;
      const parsed = enrolmentSchema.parse(JSON.parse(stored.toString("utf8")));
      return { ...parsed, bundleKey: Buffer.from(parsed.bundleKey, "base64") };
    },
    certificate: () => {
      const stored = readIfThere(paths.certificate);
      return stored === undefined ? undefined : new X509Certificate(stored);
    },
    save: (enrolment, certificateDer) => {
      replaceFile(paths.certificate, pem(certificateDer));
      const bundleKey = Buffer.from(enrolment.bundleKey).toString("base64");
      replaceFile(paths.enrolment, JSON.stringify({ ...enrolment, bundleKey }));
    },
    saveCertificate: (certificateDer) => replaceFile(paths.certificate, pem(certificateDer)),
  };
}
