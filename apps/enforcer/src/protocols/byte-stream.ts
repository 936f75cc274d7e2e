import type { Socket } from "node:net";
import { busyPoll } from "./busy-poll.ts";
import { readDirectly } from "./direct-read.ts";

/** What the owner of a stream wants to hear. Replaced whole when the owner changes (handshake → session). */
export interface StreamHandlers {
  /** The chunk is the receiver's until it returns; then its memory is filled again. */
  data(chunk: Buffer): void;
  /** The peer takes bytes again after `write` returned false. */
  drain(): void;
  /** Called once. `cause` is absent after an orderly end. */
  closed(cause: Error | undefined): void;
}

/** A connected byte stream without promises or events per chunk. */
export interface ByteStream {
  /** False: stop producing until `drain`. `released` is called once the memory is the caller's again. */
  write(bytes: Uint8Array, released?: () => void): boolean;
  /** bytes accepted but not yet handed to the kernel */
  readonly backlog: number;
  readonly closed: boolean;
  pause(): void;
  resume(): void;
  attach(handlers: StreamHandlers): void;
  /** Sends what is queued, then closes; a peer that does not read is cut after `lingerMs`. */
  end(lastBytes?: Uint8Array): void;
  destroy(): void;
  /** the certificate hash for tls-server-end-point, on TLS streams whose peer showed one */
  readonly endPointBinding?: Buffer | undefined;
}

let streams = 0;

const LINGER_MS = 2_000;
/** While the kernel sends what it was given, this much more is made ready. */
const BACKLOG_BYTES_MAX = 262_144;

/** A socket as a byte stream. The socket must not be read by anybody else. */
export class SocketStream implements ByteStream {
  readonly #socket: Socket;
  readonly #number = ++streams;
  readonly endPointBinding: Buffer | undefined;
  #handlers: StreamHandlers | undefined;
  #cause: Error | undefined;
  #ended = false;
  #paused = false;
  #lingering: NodeJS.Timeout | undefined;

  constructor(socket: Socket, endPointBinding?: Buffer) {
    this.#socket = socket;
    this.endPointBinding = endPointBinding;
    socket.setNoDelay(true);
    socket.on("drain", () => this.#handlers?.drain());
    socket.on("error", (cause) => {
      this.#cause ??= cause;
    });
    // a half-closed peer gets no further answers: for this protocol the end of its bytes is the end of the session
    socket.on("end", () => this.#socket.end());
    socket.on("close", () => this.#finish());
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  attach(handlers: StreamHandlers): void {
    const first = this.#handlers === undefined;
    this.#handlers = handlers;
    if (first) this.#read();
    if (this.#socket.destroyed) queueMicrotask(() => handlers.closed(this.#cause));
  }

  #read(): void {
    const deliver = (chunk: Buffer) => {
      this.#handlers?.data(chunk);
      busyPoll?.handled(this.#number, chunk.length);
    };
    if (!readDirectly(this.#socket, deliver)) this.#socket.on("data", deliver);
    else if (!this.#paused) this.#socket.resume();
  }

  write(bytes: Uint8Array, released?: () => void): boolean {
    if (this.#ended || this.#socket.destroyed) return true;
    return this.#socket.write(bytes, released) || this.#socket.writableLength <= BACKLOG_BYTES_MAX;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** Called after every pump: free while the stream flows. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  end(lastBytes?: Uint8Array): void {
    if (this.#ended || this.#socket.destroyed) return;
    this.#ended = true;
    this.#lingering = setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
    if (lastBytes) this.#socket.end(lastBytes);
    else this.#socket.end();
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #finish(): void {
    clearTimeout(this.#lingering);
    this.#handlers?.closed(this.#cause);
  }
}
