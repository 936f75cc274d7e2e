import { type BodyReader, bodyOf, decodeErrorFields } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import type { FrameReader } from "./codec/frame-reader.ts";
import { BACKEND } from "./codec/message.ts";
import type { UpstreamConnection } from "./upstream.ts";

type Rows = (string | null)[][];

/** The enforcer's own catalogue reading: answers larger than this are refused. */
const ROWS_MAX = 2_000_000;
/** A server that gives no whole answer within this is left: everything that waits for it would wait for ever. */
const QUERY_MS_MAX = 120_000;
const NEWS: ReadonlySet<number> = new Set([BACKEND.parameterStatus, BACKEND.notice]);

/** Runs the enforcer's own queries on an upstream connection, one at a time. Text of clients never reaches it. */
export class TrustedQueries {
  readonly makeshift: boolean;
  readonly #connection: UpstreamConnection;
  readonly #reader: FrameReader;
  #waiting:
    | { rows: Rows; error: Error | undefined; resolve: (rows: Rows) => void; reject: (cause: Error) => void }
    | undefined;
  #last: Promise<unknown> = Promise.resolve();
  readonly #queryMsMax: number;
  #deadline: NodeJS.Timeout | undefined;
  #ended: Error | undefined;

  constructor(connection: UpstreamConnection, makeshift = false, queryMsMax = QUERY_MS_MAX) {
    this.makeshift = makeshift;
    this.#queryMsMax = queryMsMax;
    this.#connection = connection;
    this.#reader = connection.reader;
    connection.stream.attach({
      data: (chunk) => {
        this.#reader.push(chunk);
        this.#pump();
        this.#reader.detach();
      },
      drain: () => undefined,
      closed: (cause) => this.#fail(cause ?? new Error("the upstream closed the connection")),
    });
    connection.stream.resume();
  }

  /**
   * All rows of one simple query (of its last statement that gives rows), as text. Rejects with the server's message, and when
   * it takes longer than two minutes, which ends the connection.
   */
  query(sql: string): Promise<Rows> {
    const run = () => this.#run(sql);
    const answer = this.#last.then(run, run);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** The connection is there and has said nothing that nobody asked for. */
  get alive(): boolean {
    return this.#ended === undefined && !this.#connection.stream.closed;
  }

  /** Cuts the connection; a query under way rejects. */
  destroy(): void {
    this.#fail(new Error("the connection was cut"));
  }

  /** Ends the connection. */
  close(): void {
    this.#connection.stream.end(encode.terminate());
  }

  #run(sql: string): Promise<Rows> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting = { rows: [], error: undefined, resolve, reject };
      const late = () => this.#fail(new Error(`no answer within ${this.#queryMsMax} ms`));
      this.#deadline = setTimeout(late, this.#queryMsMax).unref();
      this.#connection.stream.write(encode.query(sql));
    });
  }

  #pump(): void {
    const reader = this.#reader;
    while (reader.next()) {
      const { type } = reader;
      const body = () => bodyOf(reader.buffer, reader.start, reader.end);
      if (type === BACKEND.parameterStatus) this.#parameter(body());
      const waiting = this.#waiting;
      if (!waiting) {
        // nobody asked: only news may come
        if (!NEWS.has(type)) this.#fail(new Error(`a message of type ${type} that nobody asked for`));
        continue;
      }
      if (type === BACKEND.dataRow) this.#row(waiting.rows);
      else if (type === BACKEND.error) {
        const fields = decodeErrorFields(body());
        waiting.error = new Error(`${fields.C ?? ""} ${fields.M ?? "the upstream failed"}`);
      } else if (type === BACKEND.readyForQuery) {
        this.#waiting = undefined;
        clearTimeout(this.#deadline);
        if (waiting.error) waiting.reject(waiting.error);
        else waiting.resolve(waiting.rows);
      }
    }
    if (reader.fault) this.#fail(new Error(`a message whose ${reader.fault}`));
  }

  #parameter(body: BodyReader): void {
    const name = body.string();
    this.#connection.parameters.set(name, body.string());
  }

  #row(rows: Rows): void {
    const body = bodyOf(this.#reader.buffer, this.#reader.start, this.#reader.end);
    const row: (string | null)[] = [];
    for (let count = body.int16(); count > 0; count--) {
      const length = body.int32();
      row.push(length === -1 ? null : body.bytes(length).toString("utf8"));
    }
    if (rows.length >= ROWS_MAX) this.#fail(new Error("more rows than a catalogue may have"));
    else rows.push(row);
  }

  #fail(cause: Error): void {
    this.#ended ??= cause;
    clearTimeout(this.#deadline);
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
    this.#connection.stream.destroy();
  }
}
