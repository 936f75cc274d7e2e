import { errorFields, logger } from "@sluice/telemetry";
import type { Catalogue } from "../languages/facts.ts";
import type { TrustedConnection } from "../protocols/protocol.ts";

/** How a keeper reaches its upstream and reads it. */
export interface CatalogueReading {
  readonly resource: string;
  /** Opens a connection; rejects when the upstream cannot be used. */
  connect(): Promise<TrustedConnection>;
  load(query: TrustedConnection["query"]): Promise<Catalogue>;
  fingerprint(query: TrustedConnection["query"]): Promise<string>;
  /** told each new snapshot */
  onLoaded(catalogue: Catalogue): void;
}

/** How often the upstream is asked whether its catalogue changed. */
const CHECK_MS = 15_000;
/** A load that fails for a reason that passes at once. */
const ATTEMPTS_MAX = 3;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;
const log = logger("enforcer.catalogue");

/**
 * Keeps one resource's catalogue snapshot fresh over one upstream connection: loaded at start (tried again with growing
 * pauses while the upstream is away), checked every 15 s, loaded again on demand. Loads never overlap.
 */
export class CatalogueKeeper {
  readonly #reading: CatalogueReading;
  #connection: TrustedConnection | undefined;
  #current: Catalogue | undefined;
  #fingerprint = "";
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;
  #closed = false;

  constructor(reading: CatalogueReading) {
    this.#reading = reading;
  }

  /** Starts keeping. Resolves after the first attempt, however it went. */
  async start(): Promise<void> {
    await this.#attempt();
  }

  /** The newest snapshot; undefined until the first load succeeded. */
  current(): Catalogue | undefined {
    return this.#current;
  }

  /**
   * Resolves when what the upstream held after this call is in use; loads only if its fingerprint moved, so it may be
   * called often. Rejects when the upstream fails.
   */
  refresh(): Promise<void> {
    // the next one may be about to begin while none is under way any more: two would share the connection and its snapshot
    if (this.#next) return this.#next;
    if (!this.#running) return this.#run();
    // the load under way may have read before the change that made the caller ask
    this.#next = this.#running.then(
      () => this.#run(),
      () => this.#run(),
    );
    return this.#next;
  }

  /** Ends the connection and all timers. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#connection?.close();
  }

  #run(): Promise<void> {
    this.#next = undefined;
    const done = this.#load().finally(() => {
      if (this.#running === done) this.#running = undefined;
    });
    this.#running = done;
    return done;
  }

  /** Definitions of others make a read fail now and then: a view that goes while it is printed, a lock. */
  async #load(): Promise<void> {
    for (let attempts = 1; attempts < ATTEMPTS_MAX; attempts += 1) {
      try {
        return await this.#loadOnce();
      } catch (cause) {
        if (this.#closed) throw cause;
        log.debug({ resource: this.#reading.resource, attempts, ...errorFields(cause) }, "catalogue.again");
      }
    }
    return this.#loadOnce();
  }

  async #loadOnce(): Promise<void> {
    const connection = await this.#connected();
    try {
      const fingerprint = await this.#reading.fingerprint((sql) => connection.query(sql));
      if (this.#current && fingerprint === this.#fingerprint) return;
      const loaded = await this.#reading.load((sql) => connection.query(sql));
      this.#fingerprint = fingerprint;
      if (loaded.version === this.#current?.version) return;
      this.#current = loaded;
      log.info({ resource: this.#reading.resource, relations: loaded.relations.length }, "catalogue.loaded");
      this.#reading.onLoaded(loaded);
    } catch (cause) {
      this.#drop();
      throw cause;
    } finally {
      if (connection.makeshift === true) this.#drop();
    }
  }

  async #attempt(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.refresh();
      this.#retryMs = RETRY_MS_MIN;
      this.#schedule(CHECK_MS);
    } catch (cause) {
      log.warn({ resource: this.#reading.resource, retryMs: this.#retryMs, ...errorFields(cause) }, "catalogue.failed");
      this.#schedule(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
    }
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#attempt(), delayMs).unref();
  }

  async #connected(): Promise<TrustedConnection> {
    if (this.#closed) throw new Error("the catalogue keeper is closed");
    this.#connection ??= await this.#reading.connect();
    return this.#connection;
  }

  #drop(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}
