import type { CatalogueRelation } from "../../apps/enforcer/src/languages/facts.ts";
import { planRowMasks } from "../../apps/enforcer/src/masking/index.ts";
import * as encode from "../../apps/enforcer/src/protocols/postgres/codec/encode.ts";
import { EMPTY, memorySession } from "../../apps/enforcer/src/protocols/postgres/fixtures/memory-session.ts";
import type { Report } from "./figures.ts";

const ROUNDS = 7;
const ROWS = 1_000_000;
/** a server sends its answers in pieces of this size */
const CHUNK_BYTES = 8_192;
const RECORDED_ROWS = 5_000;
const COLUMNS = ["id", "name", "email", "phone", "city", "n"] as const;
const DATA_ROW = 0x44;
const ROW_DESCRIPTION = 0x54;
const INT4 = 23;
const TEXT = 25;

/**
 * Rows a second through a whole session, its sockets replaced by memory: what the server would send is replayed in the
 * pieces it would come in, framed, counted against limits, masked (e-mail and phone of six columns) and put together
 * for the client. One core; no TLS, no system calls.
 */
export function rowsAlone(report: Report): void {
  const chunks = recorded();
  const perSecond: number[] = [];
  for (let round = 0; round < ROUNDS; round++) perSecond.push(replay(chunks));
  perSecond.sort((left, right) => left - right);
  const value = Math.round(perSecond[Math.floor(ROUNDS / 2)] ?? Number.NaN);
  const context = { rounds: ROUNDS, rows: ROWS, columns: COLUMNS.length, masked: 2, cores: 1 };
  report({ name: "postgres.rows_per_s.alone", value, unit: "1/s", better: "higher", context });
}

function replay(chunks: readonly Buffer[]): number {
  const relation: CatalogueRelation = {
    oid: 1,
    schema: "public",
    name: "customers",
    kind: "table",
    columns: COLUMNS.map((name, at) => ({ name, number: at + 1, typeOid: TEXT })),
  };
  const hidden = (["email", "phone"] as const).map((name) => ({
    schema: "public",
    table: "customers",
    column: name,
    dataClass: name,
    strategy: "partial" as const,
  }));
  const catalogue = { ...EMPTY, relations: [relation], relationByOid: new Map([[1, relation]]) };
  const maskKey = Buffer.alloc(32, 7).toString("base64url");
  const demand = { hidden, lineage: "unknown" as const, catalogue, maskKey };
  const { client, upstream } = memorySession({ planRows: planRowMasks, demand });
  client.feed(encode.query("ok mask"));
  upstream.feed(description());
  let sent = 0;
  const startedMs = performance.now();
  for (let rows = 0; rows < ROWS; rows += RECORDED_ROWS) {
    for (const chunk of chunks) upstream.feed(chunk);
    for (const bytes of client.written.splice(0)) sent += bytes.length;
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  if (sent < ROWS * 40) throw new Error(`the client was sent ${sent} bytes only`);
  return ROWS / seconds;
}

function recorded(): Buffer[] {
  const rows = Array.from({ length: RECORDED_ROWS }, (_, at) =>
    row([
      String(at),
      `Person Number${at}`,
      `person.${at}@example.com`,
      `+49 151 ${1_000_000 + at}`,
      "Berlin",
      String(at % 1_000),
    ]),
  );
  const wire = Buffer.concat(rows);
  return Array.from({ length: Math.ceil(wire.length / CHUNK_BYTES) }, (_, at) =>
    wire.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES),
  );
}

function row(cells: readonly string[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(cells.length);
  const parts = cells.flatMap((cell) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(Buffer.byteLength(cell));
    return [length, Buffer.from(cell)];
  });
  return encode.frame(DATA_ROW, Buffer.concat([count, ...parts]));
}

function description(): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(COLUMNS.length);
  const fields = COLUMNS.map((name, at) => {
    const rest = Buffer.alloc(18);
    rest.writeInt32BE(1);
    rest.writeInt16BE(at + 1, 4);
    rest.writeInt32BE(name === "id" || name === "n" ? INT4 : TEXT, 6);
    rest.writeInt16BE(-1, 10);
    rest.writeInt32BE(-1, 12);
    return Buffer.concat([Buffer.from(`${name}\0`), rest]);
  });
  return encode.frame(ROW_DESCRIPTION, Buffer.concat([count, ...fields]));
}
