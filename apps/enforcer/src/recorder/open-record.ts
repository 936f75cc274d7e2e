import type { RecordId } from "./record-id.ts";
import type { RecordTicket } from "./recorder.ts";

/** A record in the spool that awaits its outcome. */
export class OpenRecord implements RecordTicket {
  readonly recordId: RecordId;
  readonly seq: number;
  readonly atMs: number;
  #isOpen: boolean;

  constructor(recordId: RecordId, seq: number, atMs: number, isOpen = true) {
    this.recordId = recordId;
    this.seq = seq;
    this.atMs = atMs;
    this.#isOpen = isOpen;
  }

  get id(): string {
    return this.recordId.text;
  }

  /** Takes its one outcome. False when it has had it. */
  complete(): boolean {
    const was = this.#isOpen;
    this.#isOpen = false;
    return was;
  }
}
