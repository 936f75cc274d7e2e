import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import type { Clock } from "@sluice/kernel";
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
  readonly clock: Clock;
}

/** Sends sealed batches in order and remembers how far they are safe. */
export interface RecordShipper {
  /** everything through this number is committed in the control plane, as far as is known */
  readonly ackedSeq: number;
  /** The stream stands; the control plane says how far it holds records. */
  connected(ackedSeq: number): void;
  disconnected(): void;
  acked(throughSeq: number): void;
  /** More may be on disk. */
  wake(): void;
  close(): void;
}

/** A shipper that starts when connected. */
export function createRecordShipper(options: ShipperOptions): RecordShipper {
  let ackedSeq = 0;
  let sentSeq = 0;
  let inFlight: number[] = [];
  let open = false;
  let packing = false;
  /** changes whenever what was being packed is no longer next */
  let epoch = 0;
  let watchdog: NodeJS.Timeout | undefined;

  function restart(): void {
    epoch += 1;
    sentSeq = ackedSeq;
    inFlight = [];
    clearTimeout(watchdog);
    watchdog = undefined;
  }

  function watch(): void {
    clearTimeout(watchdog);
    watchdog = undefined;
    if (inFlight.length === 0 || !open) return;
    watchdog = setTimeout(() => {
      log.warn({ ackedSeq, sentSeq, waitedMs: ACK_TIMEOUT_MS }, "records.not_acknowledged");
      restart();
      void pump();
    }, ACK_TIMEOUT_MS);
  }

  async function pump(): Promise<void> {
    if (packing) return;
    packing = true;
    try {
      while (open && inFlight.length < IN_FLIGHT_MAX) {
        const batch = options.next(sentSeq);
        if (batch === undefined) break;
        await ship(batch);
      }
    } catch (error) {
      log.error({ err: error, sentSeq }, "records.read_failed"); // tried again at the next seal or reconnect
    } finally {
      packing = false;
    }
  }

  async function ship(batch: SealedBatch): Promise<void> {
    const of = epoch;
    const { bytes, ...rest } = batch;
    const payloadZstd = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    if (of !== epoch || !open) return;
    if (!options.send({ ...rest, payloadZstd })) return void restart();
    sentSeq = batch.lastSeq;
    inFlight.push(batch.lastSeq);
    if (watchdog === undefined) watch();
  }

  function acked(throughSeq: number): void {
    if (throughSeq <= ackedSeq) return;
    ackedSeq = throughSeq;
    sentSeq = Math.max(sentSeq, ackedSeq);
    inFlight = inFlight.filter((lastSeq) => lastSeq > throughSeq);
    options.acknowledged(throughSeq);
    watch();
    void pump();
  }

  return {
    get ackedSeq() {
      return ackedSeq;
    },
    connected: (seq) => {
      if (seq > ackedSeq) options.acknowledged(seq);
      ackedSeq = Math.max(ackedSeq, seq);
      restart();
      open = true;
      void pump();
    },
    disconnected: () => {
      open = false;
      restart();
    },
    acked,
    wake: () => void pump(),
    close: () => {
      open = false;
      restart();
    },
  };
}
