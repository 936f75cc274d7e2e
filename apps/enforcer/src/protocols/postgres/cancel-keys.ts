import { randomBytes, randomInt, timingSafeEqual } from "node:crypto";

/** The key a client cancels with: ours, never the upstream's. */
export interface CancelKey {
  readonly processId: number;
  readonly secret: Buffer;
}

/** Maps the keys that clients were given to what they cancel. One per adapter; bounded by its sessions. */
export class CancelKeys {
  readonly #targets = new Map<number, { readonly secret: Buffer; readonly cancel: () => Promise<void> }>();

  /** A new key of 4 secret bytes, or 32 for clients of protocol 3.2 and later. */
  issue(secretBytes: 4 | 32, cancel: () => Promise<void>): CancelKey {
    let processId = randomInt(1, 2 ** 31 - 1);
    while (this.#targets.has(processId)) processId = randomInt(1, 2 ** 31 - 1);
    const secret = randomBytes(secretBytes);
    this.#targets.set(processId, { secret, cancel });
    return { processId, secret };
  }

  /**
   * Cancels what the key stands for, and resolves when that is settled: clients wait for it before their next statement.
   * An unknown key does nothing and says nothing, as in PostgreSQL.
   */
  async use(key: CancelKey): Promise<boolean> {
    const target = this.#targets.get(key.processId);
    if (!target || target.secret.length !== key.secret.length || !timingSafeEqual(target.secret, key.secret))
      return false;
    await target.cancel();
    return true;
  }

  /** Forgets a key whose session ended. */
  revoke(processId: number): void {
    this.#targets.delete(processId);
  }
}
