import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { err, ok, type Result, type Secret, type TaggedError, taggedError } from "@sluice/kernel";

/** Sealed form: version (1), nonce (12), tag (16), ciphertext. */
const VERSION = 1;
const HEAD_BYTES = 29;

/** Keeps private keys and secrets unreadable in the database (AES-256-GCM under the deployment's key). */
export interface Sealer {
  /** `place` (table and column and row) is bound in: a sealed value moved elsewhere does not open. */
  seal(plain: Uint8Array, place: string): Uint8Array<ArrayBuffer>;
  open(sealed: Uint8Array, place: string): Result<Uint8Array, TaggedError<"seal.unreadable">>;
}

/** Binds a sealer to a key of 32 bytes. */
export function sealerWith(key: Secret<Uint8Array>): Sealer {
  return {
    seal: (plain, place) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key.reveal(), nonce).setAAD(Buffer.from(place, "utf8"));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return new Uint8Array(Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]));
    },
    open: (sealed, place) => {
      if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) return err(unreadable("unknown form"));
      try {
        const decipher = createDecipheriv("aes-256-gcm", key.reveal(), sealed.subarray(1, 13))
          .setAAD(Buffer.from(place, "utf8"))
          .setAuthTag(sealed.subarray(13, HEAD_BYTES));
        const plain = Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
        return ok(new Uint8Array(plain));
      } catch {
        return err(unreadable("wrong key or place, or the value was changed")); // GCM says no more than that
      }
    },
  };
}

function unreadable(why: string): TaggedError<"seal.unreadable"> {
  return taggedError("seal.unreadable", "A stored secret cannot be opened with this deployment's key.", {
    internal: `sealed value: ${why}`,
    retry: "after-change",
  });
}
