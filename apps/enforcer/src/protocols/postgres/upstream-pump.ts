import type { ByteStream } from "../byte-stream.ts";
import { STREAM_BYTES_MIN } from "./client-pump.ts";
import { BACKEND } from "./codec/message.ts";
import type { SessionCore } from "./session-core.ts";
import { UpstreamSide } from "./upstream-side.ts";
import { UpstreamViolation } from "./violation.ts";

/** An upstream's chunk of this size is part of a large answer. */
const LARGE_CHUNK_BYTES_MIN = 4_096;

/** Hands the upstream's messages on one by one, as long as the client takes them and their records are where they must be. */
export class UpstreamPump {
  readonly #core: SessionCore;
  readonly #upstream: ByteStream;
  readonly #side: UpstreamSide;
  readonly #answered: () => void;
  /** messages of our own that came in the middle of one that streams */
  #late: Buffer[] = [];
  #flushesSoon = false;

  /** `answered` is called when messages may have been answered. */
  constructor(core: SessionCore, upstream: ByteStream, answered: () => void) {
    this.#core = core;
    this.#upstream = upstream;
    this.#side = new UpstreamSide(core);
    this.#answered = answered;
  }

  /** A chunk whose memory is the caller's again afterwards. */
  push(chunk: Buffer): void {
    const { reader } = this.#core.upstreamView;
    reader.push(chunk);
    this.#core.guard(() => this.run());
    reader.detach();
  }

  /** Handles what may be handled now. */
  run(): void {
    const core = this.#core;
    const { toClient } = core;
    const { reader } = core.upstreamView;
    let waits = false;
    while (!core.ended && !toClient.blocked) {
      waits = core.talk.pending.head?.exchange?.awaitsDisk ?? false;
      if (waits || !reader.next()) break;
      this.#side.handle();
      core.limiting.time.answered();
      if (toClient.full) toClient.flush();
    }
    if (core.ended) return;
    if (reader.fault) throw new UpstreamViolation(`a message whose ${reader.fault.replaceAll("_", " ")}`);
    if (!waits && !toClient.blocked) this.#streamLarge();
    this.#flush();
    if (this.#late.length > 0 && !reader.streaming) this.tell(Buffer.concat(this.#late.splice(0)));
    if (waits || toClient.blocked) this.#upstream.pause();
    else this.#upstream.resume();
    core.toUpstream.flush();
    this.#answered();
  }

  /** Sends the client a message of our own, behind the one that streams to it. */
  tell(frame: Buffer): void {
    if (this.#core.ended) return;
    if (this.#core.upstreamView.reader.streaming) this.#late.push(frame);
    else this.#core.toClientNow(frame);
  }

  /**
   * An answer goes out at once; of a large one, what comes in the same turn of the event loop goes together: the server
   * sends it in pieces of 8 KB, and a write costs more than they do.
   */
  #flush(): void {
    const core = this.#core;
    const { reader } = core.upstreamView;
    const goesOn = reader.type === BACKEND.dataRow || reader.type === BACKEND.copyData;
    if (!goesOn || reader.buffer.length < LARGE_CHUNK_BYTES_MIN || core.toClient.blocked) return core.toClient.flush();
    // the reader's memory may be another's before that, whoever runs this: a chunk that came, a peer that takes bytes again
    core.toClient.detach();
    if (this.#flushesSoon) return;
    this.#flushesSoon = true;
    setImmediate(() => {
      this.#flushesSoon = false;
      if (core.ended) return;
      core.toClient.flush();
      if (core.toClient.blocked) this.#upstream.pause();
    });
  }

  #streamLarge(): void {
    const { reader } = this.#core.upstreamView;
    const partial = reader.partial();
    if (!partial || partial.length < STREAM_BYTES_MIN || !this.#side.mayStream(partial.type)) return;
    reader.streamRest();
    this.#side.handle();
  }
}
