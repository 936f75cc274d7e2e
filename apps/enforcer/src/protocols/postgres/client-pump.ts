import type { ByteStream } from "../byte-stream.ts";
import type { Turn } from "../turns.ts";
import { ClientSide } from "./client-side.ts";
import { FRONTEND } from "./codec/message.ts";
import type { SessionLimits } from "./limits.ts";
import type { Refusals } from "./refusals.ts";
import { SQLSTATE } from "./refuse.ts";
import type { SessionCore } from "./session-core.ts";
import type { SessionParts } from "./session-parts.ts";

/** Bytes of client messages kept while one is held; beyond it the client's socket waits. */
const HELD_BYTES_MAX = 65_536;
/** Messages whose answers are owed; beyond it the client's socket waits for answers. */
const PENDING_MAX = 10_000;
/** A frame larger than this passes in pieces where nothing in it must be looked at. */
export const STREAM_BYTES_MIN = 32_768;

/** Hands the client's messages on one by one, as long as none is held and the upstream takes what they become. */
export class ClientPump {
  readonly #core: SessionCore;
  readonly #client: ByteStream;
  readonly #limits: SessionLimits;
  readonly #refusals: Refusals;
  readonly #side: ClientSide;
  readonly #turn: Turn;
  /** the client waits because too many answers are owed */
  #crowded = false;
  #dropPieces = false;

  constructor(core: SessionCore, { client, limits, turns }: SessionParts, refusals: Refusals) {
    this.#core = core;
    this.#client = client;
    this.#limits = limits;
    this.#refusals = refusals;
    this.#side = new ClientSide(core, refusals);
    this.#turn = turns.join(() => {
      const resume = core.stall();
      return () => core.guard(resume);
    });
  }

  /** A chunk whose memory is the caller's again afterwards. */
  push(chunk: Buffer): void {
    const core = this.#core;
    const { reader } = core.clientView;
    reader.push(chunk);
    if (!core.stalled && (!core.talk.atRest || this.#turn.begin())) core.guard(() => this.run());
    else if (reader.waiting > HELD_BYTES_MAX) this.#client.pause();
    reader.detach();
    core.toUpstream.detach();
  }

  /** Handles what may be handled now. */
  run(): void {
    const core = this.#core;
    const { reader } = core.clientView;
    const { pending } = core.talk;
    core.active();
    while (!core.stalled && !core.ended && !core.toUpstream.blocked && pending.size < PENDING_MAX && reader.next())
      this.#frame();
    if (core.ended) return;
    if (reader.fault)
      return core.fatal(SQLSTATE.protocolViolation, `Sluice: a message whose ${reader.fault.replaceAll("_", " ")}`);
    if (!core.stalled) this.#partial();
    core.toUpstream.flush();
    this.#crowded = pending.size >= PENDING_MAX;
    if (core.toUpstream.blocked || this.#crowded || (core.stalled && reader.waiting > HELD_BYTES_MAX))
      this.#client.pause();
    else this.#client.resume();
  }

  /** Answers came: goes on with a client that waited for them. */
  answered(): void {
    const { pending } = this.#core.talk;
    if (pending.size === 0) this.#turn.rest();
    if (this.#crowded && pending.size <= PENDING_MAX / 2) this.run();
  }

  /** Lets a client go on at once that waits for its turn. */
  beginNow(): void {
    this.#turn.beginNow();
  }

  /** The session is over. */
  end(): void {
    this.#turn.end();
  }

  #frame(): void {
    const { limiting, toUpstream } = this.#core;
    const { reader } = this.#core.clientView;
    const { type } = reader;
    if (type === 0) {
      if (this.#dropPieces) return;
      limiting.countPiece();
      return toUpstream.pass(reader);
    }
    const { statementBytesMax } = this.#limits;
    if (isStatement(type) && reader.end - reader.start > statementBytesMax)
      return this.#refusals.oversized(type, statementBytesMax);
    this.#side.handle();
  }

  /** What can be said of a message before it is whole. */
  #partial(): void {
    const { reader } = this.#core.clientView;
    const partial = reader.partial();
    if (!partial) return;
    const { length, type } = partial;
    const { statementBytesMax } = this.#limits;
    if (isStatement(type) && length > statementBytesMax) {
      reader.streamRest();
      this.#dropPieces = true;
      this.#refusals.oversized(type, statementBytesMax);
    } else if (type === FRONTEND.copyData && length > STREAM_BYTES_MIN) {
      reader.streamRest();
      this.#side.handle();
      this.#dropPieces = !this.#core.talk.copyIn;
    }
  }
}

function isStatement(type: number): boolean {
  return type === FRONTEND.query || type === FRONTEND.parse;
}
