import * as encode from "../../apps/enforcer/src/protocols/postgres/codec/encode.ts";

/** What a client sends before one ReadyForQuery: a Query, or messages up to a Sync. */
export interface WireTurn {
  readonly frames: readonly Buffer[];
  /** the same for people */
  readonly told: string;
  /** statements or portals in it have names, so that what it leaves behind outlives it */
  readonly named: boolean;
}

/** Makes the turns of one conversation; a text is bytes, because the encoding that it is read in is the question. */
export class TurnWriter {
  #frames: Buffer[] = [];
  #told: string[] = [];
  #named = false;

  /** Parse; types stay open. */
  parse(name: string, text: Buffer): void {
    this.#add(encode.frame(0x50, Buffer.concat([encode.cstring(name), text, Buffer.from([0, 0, 0])])), [name]);
    this.#told.push(`Parse ${name} ${shown(text)}`);
  }

  /** Any other message of the extended protocol, with the names in it. */
  message(told: string, frame: Buffer, ...names: readonly string[]): void {
    this.#add(frame, names);
    this.#told.push(told);
  }

  #add(frame: Buffer, names: readonly string[]): void {
    this.#frames.push(frame);
    this.#named ||= names.some((name) => name !== "");
  }

  /** Ends the turn with Sync. */
  sync(): WireTurn {
    const turn = { frames: [...this.#frames, encode.sync()], told: this.#told.join(" · "), named: this.#named };
    this.#frames = [];
    this.#told = [];
    this.#named = false;
    return turn;
  }
}

/** What SQL names, and what of a text stays though its end fails. */
const NAMING = /PREPARE|DECLARE|DEALLOCATE|CLOSE|DISCARD|(BEGIN|COMMIT|ROLLBACK|SAVEPOINT).*;/s;

/** A turn of one Query. */
export function queryTurn(text: Buffer): WireTurn {
  return {
    frames: [encode.frame(0x51, Buffer.concat([text, Buffer.from([0])]))],
    told: `Query ${shown(text)}`,
    named: NAMING.test(text.toString("latin1")),
  };
}

/** Bytes as text, what is not ASCII in hexadecimal. */
function shown(text: Buffer): string {
  return text.toString("latin1").replaceAll(/[^ -~]/g, (byte) => `<${byte.charCodeAt(0).toString(16)}>`);
}
