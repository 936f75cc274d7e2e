import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { logger } from "@sluice/telemetry";
import type { SealedBatch } from "../recorder/batch-reader.ts";

const log = logger("enforcer.control");
const compress = promisify(zstdCompress);

/** Batches on their way at once. */
const IN_FLIGHT_MAX = 4;
/** Without an acknowledgement for this long everything unacknowledged is sent again: the queue behind may have lost it. */
const ACK_TIMEOUT_MS = 20_000;

/** A batch ready for the stream. */
export interface PackedBatch extends Omit<SealedBatch, "bytes"> {
  readonly payloadZstd: Uint8Array;
}

/** What the shipper reads from and tells. */
export interface ShipperOptions {
  readonly next: (afterSeq: number) => SealedBatch | undefined;
  readonly acknowledged: (throughSeq: number) => void;
  /** false when the stream is down */
  readonly send: (batch: PackedBatch) => boolean;
  readonly ackTimeoutMs?: number;
}

/** Sends sealed batches in order, a few at once, and remembers how far they are safe. */
export class RecordShipper {
  readonly #options: ShipperOptions;
  #ackedSeq = 0;
  #sentSeq = 0;
  #inFlight: number[] = [];
  #open = false;
  #packing = false;
  /** changes whenever what is being packed is no longer next */
  #epoch = 0;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: ShipperOptions) {
    this.#options = options;
  }

  /** Everything through this number is committed in the control plane, as far as is known. */
  get ackedSeq(): number {
    return this.#ackedSeq;
  }

  /** The stream stands; the control plane says how far it holds records. */
  connected(ackedSeq: number): void {
    this.#advance(ackedSeq);
    this.#restart();
    this.#open = true;
    void this.#pump();
  }

  /** The stream fell, or the enforcer stops. What was on its way is sent again at the next connection. */
  disconnected(): void {
    this.#open = false;
    this.#restart();
  }

  /** Everything through this number is committed. */
  acked(throughSeq: number): void {
    if (throughSeq <= this.#ackedSeq) return;
    this.#advance(throughSeq);
    this.#sentSeq = Math.max(this.#sentSeq, throughSeq);
    this.#inFlight = this.#inFlight.filter((lastSeq) => lastSeq > throughSeq);
    this.#watch();
    void this.#pump();
  }

  /** More may be on disk. */
  wake(): void {
    void this.#pump();
  }

  #advance(throughSeq: number): void {
    if (throughSeq <= this.#ackedSeq) return;
    this.#ackedSeq = throughSeq;
    this.#options.acknowledged(throughSeq);
  }

  #restart(): void {
    this.#epoch += 1;
    this.#sentSeq = this.#ackedSeq;
    this.#inFlight = [];
    this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
    if (this.#inFlight.length === 0) return;
    const waitMs = this.#options.ackTimeoutMs ?? ACK_TIMEOUT_MS;
    this.#watchdog = setTimeout(() => {
      log.warn({ ackedSeq: this.#ackedSeq, sentSeq: this.#sentSeq, waitMs }, "records.not_acknowledged");
      this.#restart();
      void this.#pump();
    }, waitMs);
  }

  async #pump(): Promise<void> {
    if (this.#packing) return;
    this.#packing = true;
    try {
      while (this.#open && this.#inFlight.length < IN_FLIGHT_MAX) {
        const batch = this.#options.next(this.#sentSeq);
        if (batch === undefined) break;
        await this.#ship(batch);
      }
    } catch (error) {
      log.error({ err: error, sentSeq: this.#sentSeq }, "records.read_failed"); // again at the next seal or reconnect
    } finally {
      this.#packing = false;
    }
  }

  async #ship(batch: SealedBatch): Promise<void> {
    const epoch = this.#epoch;
    const { bytes, ...rest } = batch;
    const payloadZstd = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    if (epoch !== this.#epoch || !this.#open) return;
    if (!this.#options.send({ ...rest, payloadZstd })) {
      this.disconnected(); // until the next welcome
      return;
    }
    this.#sentSeq = batch.lastSeq;
    this.#inFlight.push(batch.lastSeq);
    if (this.#watchdog === undefined) this.#watch();
  }
}
