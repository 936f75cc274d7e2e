import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { err, ok, type Result, type Secret, type TaggedError, taggedError } from "@sluice/kernel";

const derive = promisify(pbkdf2);

/** Why SCRAM failed on our side: the server did not prove that it knows the password, or does not speak it. */
export type ScramError = TaggedError<
  "scram.malformed" | "scram.bad_nonce" | "scram.weak" | "scram.bad_server_signature"
>;

/** Iterations outside of these are refused: fewer protect nothing, more would stall us at a hostile server's word. */
const ITERATIONS_MIN = 4096;
const ITERATIONS_MAX = 1_000_000;

/** Derived keys cost milliseconds each and are the same for each connection: kept per (password, salt, iterations). */
const KEYS_MAX = 64;
const saltedPasswords = new Map<string, Promise<Buffer>>();

/** A SCRAM-SHA-256 client (RFC 5802, RFC 7677), one conversation. */
export class ScramClient {
  readonly #password: Secret<string>;
  readonly #nonce: string;
  readonly #header: string;
  readonly #binding: Buffer;
  #serverSignature: Buffer | undefined;

  /** `endPoint` is tls-server-end-point channel binding data (RFC 5929): then the PLUS mechanism is spoken. */
  constructor(password: Secret<string>, endPoint?: Buffer, nonce: string = randomBytes(24).toString("base64")) {
    this.#password = password;
    this.#nonce = nonce;
    this.#header = endPoint ? "p=tls-server-end-point,," : "n,,";
    this.#binding = Buffer.concat([Buffer.from(this.#header), endPoint ?? Buffer.alloc(0)]);
  }

  /** client-first-message. PostgreSQL ignores the user name and takes the startup packet's. */
  first(): Buffer {
    return Buffer.from(`${this.#header}n=,r=${this.#nonce}`);
  }

  /** client-final-message in answer to server-first-message. */
  async final(serverFirst: string): Promise<Result<Buffer, ScramError>> {
    const parsed = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+=*),i=([1-9][0-9]{0,8})$/.exec(serverFirst);
    if (!parsed?.[1] || !parsed[2] || !parsed[3])
      return err(fault("scram.malformed", "server-first-message is not SCRAM"));
    const [, nonce, salt, count] = parsed;
    if (!nonce.startsWith(this.#nonce) || nonce.length <= this.#nonce.length)
      return err(fault("scram.bad_nonce", "the server answered another conversation"));
    const iterations = Number(count);
    if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX)
      return err(fault("scram.weak", `${iterations} iterations are outside of what is accepted`));
    const salted = await this.#salted(salt, iterations);
    const clientKey = hmac(salted, "Client Key");
    const withoutProof = `c=${this.#binding.toString("base64")},r=${nonce}`;
    const message = `n=,r=${this.#nonce},${serverFirst},${withoutProof}`;
    const signature = hmac(createHash("sha256").update(clientKey).digest(), message);
    this.#serverSignature = hmac(hmac(salted, "Server Key"), message);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    return ok(Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString("base64")}`));
  }

  /** Checks server-final-message: only a server that holds the password's verifier can have made it. */
  verify(serverFinal: string): Result<true, ScramError> {
    const given = /^v=([A-Za-z0-9+/]+=*)(,|$)/.exec(serverFinal)?.[1];
    const expected = this.#serverSignature;
    const signature = Buffer.from(given ?? "", "base64");
    if (!expected || signature.length !== expected.length || !timingSafeEqual(signature, expected))
      return err(fault("scram.bad_server_signature", "the server did not prove that it knows the password"));
    return ok(true);
  }

  #salted(salt: string, iterations: number): Promise<Buffer> {
    const password = this.#password.reveal().normalize("NFKC");
    const key = createHash("sha256").update(`${iterations}\0${salt}\0${password}`).digest("hex");
    const known = saltedPasswords.get(key);
    if (known) return known;
    const made = derive(password, Buffer.from(salt, "base64"), iterations, 32, "sha256");
    if (saltedPasswords.size >= KEYS_MAX) saltedPasswords.clear();
    saltedPasswords.set(key, made);
    return made;
  }
}

function hmac(key: Uint8Array, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}

function fault(code: ScramError["code"], text: string): ScramError {
  return taggedError(code, text);
}
