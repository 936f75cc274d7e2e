import { mkdtempSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devCa, serverCertificate } from "@sluice/infra/dev/certificates";
import { startPostgres } from "@sluice/infra/dev/postgres";
import { configureLogs } from "@sluice/telemetry";
import pg from "pg";
import { planCopyMasks, planRowMasks } from "../../apps/enforcer/src/masking/index.ts";
import { type Random, seeded } from "../../apps/enforcer/src/protocols/postgres/fixtures/model-script.ts";
import { startTestSite, type TestSite } from "../../apps/enforcer/src/protocols/postgres/fixtures/test-site.ts";
import { openWire, type SeenMessage, WireClient } from "../../apps/enforcer/src/protocols/postgres/fixtures/wire.ts";
import { removedWhenWeEnd } from "../kit/removed-when-we-end.ts";
import { CLASSIFIED, compareTurn } from "./wire-compare.ts";
import { encodingConversation } from "./wire-encodings.ts";
import { portalConversation } from "./wire-portals.ts";
import { queryTurn, type WireTurn } from "./wire-turns.ts";

/** What a fuzz run did. */
export interface WireFuzzRun {
  readonly conversations: number;
  /** turns answered the same by both */
  readonly same: number;
  /** turns that both refused: the server would have written */
  readonly refused: number;
  /** turns of which Sluice refused what the server would not have, or earlier; both sessions then begin anew */
  readonly apart: number;
  /** each names its conversation's seed and its turns so far */
  readonly differences: readonly string[];
}

/** The families of conversations, by name. */
const wireFamilies: Readonly<Record<string, (random: Random) => readonly WireTurn[]>> = {
  portals: portalConversation,
  encodings: encodingConversation,
};

const PASSWORD = "only-for-this-run";
const DIFFERENCES_MAX = 10;
const ANSWER_MS_MAX = 10_000;
const CORPUS = new URL("../../apps/enforcer/src/languages/sql/corpus/schema.sql", import.meta.url);
const PRINCIPALS = [
  { user: "copilot", token: "token:copilot:ana" },
  { user: "bo", token: "token:bo" },
] as const;

/** Names that stand for a write under another search_path, and functions that look theirs up when they run. */
const DECOYS = `
  CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM orders); END $$;
  CREATE FUNCTION total_of(who int) RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT sum(total) FROM orders WHERE customer_id = who $$;
  CREATE SCHEMA other;
  CREATE FUNCTION other.twice(x int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM public.orders; RETURN x; END $$;
  CREATE VIEW other.orders AS SELECT * FROM public.orders WHERE other.twice(id) > 0;
  CREATE TABLE other.customers(id int, name text, email text);
  INSERT INTO other.customers VALUES (1, 'nobody', 'nobody');
  CREATE TABLE other.only_here(id int);
  INSERT INTO other.only_here VALUES (1), (2), (3);
  CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}';
  GRANT USAGE ON SCHEMA public, other TO reader;
  GRANT SELECT ON ALL TABLES IN SCHEMA public, other TO reader;
  GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO reader`;

/** What no conversation may change. */
const STATE = `SELECT md5(string_agg(o::text, '|' ORDER BY id)) AS orders,
  (SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM customers c) AS customers,
  (SELECT last_value::text || is_called::text FROM tickets) AS tickets,
  (SELECT count(*) || ' ' || sum(xmin::text::bigint) FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_t') AS objects,
  (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks FROM public.orders o`;

/**
 * Sends so many conversations of a family through Sluice, which logs in as somebody who may do everything for a principal
 * who may only read, and byte for byte to the server itself as a role that may only read: what that role is refused, Sluice
 * must not have executed, what both execute has the same answer, and nothing changes.
 */
export async function fuzzWire(family: string, seed: number, conversations: number): Promise<WireFuzzRun> {
  configureLogs({ level: "silent" });
  const make = wireFamilies[family];
  if (!make) throw new RangeError(`no family ${family}`);
  const stateDir = mkdtempSync(join(tmpdir(), "sluice-wire-"));
  const remove = removedWhenWeEnd(stateDir);
  try {
    const ca = await devCa(join(stateDir, "ca"));
    const certificate = await serverCertificate(ca, "wire");
    const options = { stateDir, name: "wire", password: PASSWORD, throwAway: true, certificate, alsoPlain: true };
    const { host, port, user } = await startPostgres(options);
    const place = { host, port, database: "postgres" };
    const owner = new pg.Client({ ...place, user, password: PASSWORD });
    await owner.connect();
    await owner.query(readFileSync(CORPUS, "utf8") + DECOYS);
    const upstream = { ...place, user, password: PASSWORD, caFile: ca.caFile };
    const site = await startTestSite({ upstream, masking: { planRows: planRowMasks, planCopy: planCopyMasks } });
    try {
      return await new WireFuzz({ site, owner, place, make }).run(seed, conversations);
    } finally {
      await site.close();
      await owner.end();
    }
  } finally {
    await remove();
  }
}

interface Sides {
  readonly site: TestSite;
  readonly owner: pg.Client;
  readonly place: { readonly host: string; readonly port: number; readonly database: string };
  readonly make: (random: Random) => readonly WireTurn[];
}

/** Two sessions that came apart are as new. */
const ANEW = ["ROLLBACK", "DISCARD ALL"].map((text) => queryTurn(Buffer.from(text)));

class WireFuzz {
  readonly #sides: Sides;
  readonly #run = { conversations: 0, same: 0, refused: 0, apart: 0, differences: [] as string[] };

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  async run(seed: number, conversations: number): Promise<WireFuzzRun> {
    const { differences } = this.#run;
    let before = await this.#state();
    for (let at = 0; at < conversations && differences.length < DIFFERENCES_MAX; at++) {
      const own = seed * 1_000_003 + at;
      for (const problem of await this.#conversation(own)) differences.push(`${own}: ${problem}`);
      const after = await this.#state();
      if (after !== before) differences.push(`${own}: changed the state (${before} → ${after})`);
      before = after;
      this.#run.conversations++;
    }
    return this.#run;
  }

  async #state(): Promise<string> {
    return JSON.stringify((await this.#sides.owner.query(STATE)).rows);
  }

  /** One conversation on both sides: what is wrong with it. */
  async #conversation(seed: number): Promise<string[]> {
    const random = seeded(seed);
    const principal = PRINCIPALS[random(2)] ?? PRINCIPALS[0];
    const turns = [...this.#sides.make(random), queryTurn(Buffer.from("COMMIT"))];
    const reader = await this.#reader();
    const client = await openWire(this.#sides.site, principal);
    try {
      await client.answers();
      return await this.#turns(turns, client, reader, 1 + random(3));
    } finally {
      client.destroy();
      reader.destroy();
    }
  }

  /** Sends turns, so many at once, and compares their answers. */
  async #turns(all: readonly WireTurn[], client: WireClient, reader: WireClient, atOnce: number): Promise<string[]> {
    for (let at = 0; at < all.length; at += atOnce) {
      const turns = all.slice(at, at + atOnce);
      const [ours, theirs] = await Promise.all([answersOf(client, turns), answersOf(reader, turns)]);
      const told = all.slice(0, at + atOnce).map((turn) => turn.told);
      if (ours.flat().some(({ body }) => CLASSIFIED.test(body.toString("latin1"))))
        return [`a classified value was shown in:\n  ${told.join("\n  ")}`];
      const kind = this.#compared(turns, ours, theirs);
      if (kind !== "same" && kind !== "apart") return [`${kind} in:\n  ${told.join("\n  ")}`];
      // what is not UTF-8 ended the session
      if (client.closed) return [];
      if (kind === "apart") await Promise.all([answersOf(client, ANEW), answersOf(reader, ANEW)]);
    }
    return [];
  }

  /** How turns were answered, as far as they can be compared. */
  #compared(turns: readonly WireTurn[], ours: readonly SeenMessage[][], theirs: readonly SeenMessage[][]): string {
    for (const [index, turn] of turns.entries()) {
      const mine = ours[index];
      if (!mine) return "apart";
      const compared = compareTurn(mine, theirs[index] ?? [], turn);
      if (compared.kind === "difference") return `${compared.problem} (${turn.told})`;
      if (compared.kind === "both refused") this.#run.refused++;
      else this.#run[compared.kind]++;
      if (compared.kind === "apart") return compared.kind;
    }
    return "same";
  }

  /** A session of the role that may only read, on the server itself, past its greeting. */
  async #reader(): Promise<WireClient> {
    const socket = new Socket();
    const greeted = new pg.Client({ ...this.#sides.place, user: "reader", password: PASSWORD, stream: () => socket });
    await greeted.connect();
    socket.removeAllListeners("data");
    socket.removeAllListeners("close");
    return new WireClient(socket);
  }
}

/** The answers to each turn, up to its ReadyForQuery; those of fewer turns where the session ended. */
async function answersOf(client: WireClient, turns: readonly WireTurn[]): Promise<SeenMessage[][]> {
  client.send(...turns.flatMap(({ frames }) => frames));
  const answers: SeenMessage[][] = [];
  const deadline = Date.now() + ANSWER_MS_MAX;
  while (answers.length < turns.length) {
    if (Date.now() > deadline) throw new Error(`no answer to ${turns.map(({ told }) => told).join("\n  ")}`);
    await client.until(() => client.closed || client.types().includes("Z"));
    if (!client.types().includes("Z")) break;
    answers.push(await client.answers());
  }
  return answers;
}
