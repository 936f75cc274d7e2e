import type { ByteStream } from "../byte-stream.ts";
import { BodyReader } from "./codec/decode.ts";
import { FrameReader } from "./codec/frame-reader.ts";

/** One whole message of a handshake, copied out of the stream. */
export interface HandshakeMessage {
  readonly type: number;
  readonly frame: Buffer;
  readonly body: BodyReader;
}

/** The peer ended or broke the protocol during a handshake. */
export class HandshakeEnded extends Error {
  override readonly name = "HandshakeEnded";
}

/**
 * Reads messages one by one with promises: for handshakes only, where speed is not needed. Afterwards the session takes
 * `reader`, which holds whatever already came.
 */
export class FrameQueue {
  readonly reader: FrameReader;
  readonly #stream: ByteStream;
  #waiting: { resolve: (message: HandshakeMessage) => void; reject: (cause: Error) => void } | undefined;
  #ended: Error | undefined;

  constructor(stream: ByteStream, frameBytesMax: number) {
    this.#stream = stream;
    this.reader = new FrameReader(frameBytesMax);
    stream.attach({
      data: (chunk) => {
        this.reader.push(chunk);
        this.reader.detach();
        this.#pump();
      },
      drain: () => undefined,
      closed: (cause) => this.fail(new HandshakeEnded(cause?.message ?? "closed by the peer")),
    });
  }

  /** The next message; rejects with HandshakeEnded. One caller at a time. */
  next(): Promise<HandshakeMessage> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#pump();
    });
  }

  /** Ends the wait with this cause. */
  fail(cause: Error): void {
    this.#ended ??= cause;
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }

  #pump(): void {
    if (!this.#waiting) {
      // nobody asks yet: a peer that sends ahead waits in its own buffers
      this.#stream.pause();
      return;
    }
    const { reader } = this;
    if (reader.next()) {
      const frame = Buffer.from(reader.buffer.subarray(reader.start, reader.end));
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve({ type: reader.type, frame, body: new BodyReader(frame, 5, frame.length) });
    } else if (reader.fault) this.fail(new HandshakeEnded(`a message whose ${reader.fault.replaceAll("_", " ")}`));
    else this.#stream.resume();
  }
}
