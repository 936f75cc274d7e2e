import type { SecureContextOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";

/** PEM of the server's own certificate (with its chain) and key. */
export interface ServerIdentity {
  readonly certPem: Buffer;
  readonly keyPem: Buffer;
}

/**
 * Server credentials that ask every client for a certificate without demanding one, as enrolment comes before the first
 * certificate and shares the port. Node marks a connection as authorized only when one of the orgs' authorities issued what
 * was shown, and grpc-js hands the certificate to handlers only then; the handlers decide what may be done without.
 */
export class OptionalClientCertificate extends ServerCredentials {
  readonly #identity: ServerIdentity;

  constructor(identity: ServerIdentity, authoritiesPem: readonly string[]) {
    super({ requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" }, contextOf(identity, authoritiesPem));
    this.#identity = identity;
  }

  /** Connections made from now on are checked against these authorities. */
  trust(authoritiesPem: readonly string[]): void {
    this.updateSecureContextOptions(contextOf(this.#identity, authoritiesPem));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

function contextOf({ certPem, keyPem }: ServerIdentity, authoritiesPem: readonly string[]): SecureContextOptions {
  // With an empty list Node would trust the public authorities: our own certificate, which signs nothing, stands in.
  return { cert: certPem, key: keyPem, ca: authoritiesPem.length > 0 ? [...authoritiesPem] : [certPem] };
}
