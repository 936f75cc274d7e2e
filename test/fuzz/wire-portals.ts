import * as encode from "../../apps/enforcer/src/protocols/postgres/codec/encode.ts";
import { pick, type Random } from "../../apps/enforcer/src/protocols/postgres/fixtures/model-script.ts";
import { bind } from "../../apps/enforcer/src/protocols/postgres/fixtures/wire.ts";
import { queryTurn, TurnWriter, type WireTurn } from "./wire-turns.ts";

const READS = [
  "SELECT id, total FROM orders ORDER BY id LIMIT 6",
  "SELECT id, twice(id) FROM orders ORDER BY id LIMIT 5",
  "SELECT id, public.twice(id) FROM public.orders ORDER BY id LIMIT 5",
  "SELECT name, email FROM customers ORDER BY id LIMIT 4",
  "SELECT n FROM generate_series(1, 6) n",
  "VALUES (1), (2), (3), (4)",
  "SELECT count(*) FROM orders",
  "SELECT counted()",
  "SELECT public.counted(), n FROM generate_series(1, 3) n",
  "SELECT total_of(id) FROM generate_series(1, 4) id",
  "SELECT public.total_of(2)",
  "SELECT 1 / (id - 3) FROM orders ORDER BY id LIMIT 5",
  "SHOW search_path",
  "SELECT id FROM only_here ORDER BY id",
] as const;
const WRITES = [
  "DELETE FROM orders WHERE id = 1 RETURNING id",
  "UPDATE orders SET note = 'x' WHERE id < 4 RETURNING id",
  "INSERT INTO orders(id) VALUES (9000) RETURNING id",
  "WITH gone AS (DELETE FROM orders WHERE id < 3 RETURNING id) SELECT id FROM gone",
  "SELECT procedural(1)",
  "SELECT id FROM orders ORDER BY id LIMIT 2 FOR UPDATE",
  "SELECT nextval('tickets')",
  "SELECT other.twice(1)",
] as const;
const SETTINGS = [
  "SET search_path = other, public",
  "SET LOCAL search_path = other, public",
  "SET search_path = public",
  "RESET search_path",
  "SET standard_conforming_strings = off",
  "SELECT set_config('search_path', '', false)",
  "DISCARD ALL",
  "RESET ALL",
] as const;
const TRANSACTIONS = ["BEGIN", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "ROLLBACK TO a", "RELEASE a"] as const;
const MOVES = [
  "FETCH 2 FROM c",
  "FETCH ALL FROM c",
  "FETCH BACKWARD 1 FROM c",
  "FETCH ABSOLUTE 2 FROM d",
  "FETCH 1 FROM p",
  "FETCH 2 FROM d",
  "MOVE 2 IN c",
  "MOVE BACKWARD ALL IN c",
  "MOVE 1 IN p",
  "CLOSE c",
  "CLOSE ALL",
  "DELETE FROM orders WHERE CURRENT OF c",
  "UPDATE orders SET total = 0 WHERE CURRENT OF p",
  "EXECUTE s",
  "EXECUTE t",
  "DEALLOCATE s",
  "DEALLOCATE ALL",
] as const;
const CURSORS = [
  "CURSOR WITH HOLD",
  "CURSOR",
  "SCROLL CURSOR WITH HOLD",
  "SCROLL CURSOR",
  "INSENSITIVE CURSOR",
] as const;

/** A statement that reads nine times of ten. */
function query(random: Random): string {
  return random(10) === 0 ? pick(random, WRITES) : pick(random, READS);
}

/** Names that mean something else from the middle of one text on. */
function renamed(random: Random): string {
  return pick(random, [
    `DECLARE c CURSOR FOR ${query(random)}; FETCH ALL FROM c`,
    `CLOSE c; DECLARE c CURSOR FOR ${query(random)}; FETCH ALL FROM c`,
    `DEALLOCATE s; PREPARE s AS ${query(random)}; EXECUTE s`,
    "SET search_path = other, public; EXECUTE s",
    "SET search_path = public; FETCH ALL FROM c",
    "ROLLBACK; EXECUTE s",
    "COMMIT; EXECUTE s",
  ]);
}

function text(random: Random): string {
  if (random(12) === 0) return renamed(random);
  const kind = random(20);
  if (kind < 7) return query(random);
  if (kind < 11) return pick(random, SETTINGS);
  if (kind < 14) return pick(random, TRANSACTIONS);
  if (kind < 17) return pick(random, MOVES);
  if (kind === 17) return `PREPARE ${pick(random, ["s", "t"])} AS ${query(random)}`;
  return `DECLARE ${pick(random, ["c", "c", "d", "p"])} ${pick(random, CURSORS)} FOR ${query(random)}`;
}

/**
 * Several portals bound, read in pieces, gone on with after something else ran; cursors of SQL and of the protocol, whose
 * names are one; settings that change in between, in a transaction that may be taken back.
 */
export function portalConversation(random: Random): readonly WireTurn[] {
  const turns: WireTurn[] = [];
  // what is bound and declared outlives its Sync only in a transaction
  if (random(3) > 0) turns.push(queryTurn(Buffer.from("BEGIN")));
  const count = 4 + random(8);
  if (random(3) === 0) turns.push(...openedBefore(random));
  while (turns.length < count) turns.push(random(3) === 0 ? queryTurn(Buffer.from(text(random))) : batch(random));
  return turns;
}

/** Something is opened, names come to mean something else, and it is gone on with. */
function openedBefore(random: Random): readonly WireTurn[] {
  const read = pick(random, READS);
  const [portal, statement] = [pick(random, ["p", "q", "c"]), pick(random, ["", "s"])];
  const opening = new TurnWriter();
  opening.parse(statement, Buffer.from(read));
  opening.message(`Bind ${portal} ${statement}`, bind(portal, statement), portal, statement);
  if (random(2) === 0) opening.message(`Execute ${portal} 1`, encode.execute(portal, 1), portal);
  const goesOn = new TurnWriter();
  goOn(random, goesOn, portal);
  const bySql = random(3) === 0;
  return [
    queryTurn(Buffer.from("BEGIN")),
    bySql ? queryTurn(Buffer.from(`DECLARE c ${pick(random, CURSORS)} FOR ${read}`)) : opening.sync(),
    queryTurn(Buffer.from(pick(random, SETTINGS))),
    ...(bySql ? [queryTurn(Buffer.from(pick(random, MOVES.slice(0, 4))))] : [goesOn.sync()]),
  ];
}

function batch(random: Random): WireTurn {
  const turn = new TurnWriter();
  for (let left = 1 + random(4); left > 0; left--) oneOf(random, turn);
  return turn.sync();
}

function oneOf(random: Random, turn: TurnWriter): void {
  const kind = random(10);
  // what a failed Query leaves under no name brings the server down that is asked directly; Sluice asks for none of it
  const portal = pick(random, kind < 6 ? ["p", "q", "c"] : ["p", "q", "c", ""]);
  if (kind < 3) return goOn(random, turn, portal);
  if (kind === 3) return turn.message("Flush", encode.flush());
  if (kind === 4) return turn.message(`Describe ${portal}`, encode.describe("P", portal), portal);
  if (kind === 5 && random(3) === 0) return turn.message(`Close ${portal}`, encode.close("P", portal), portal);
  const statement = pick(random, ["", "", "s", "t"]);
  if (kind < 9) turn.parse(statement, Buffer.from(text(random)));
  turn.message(`Bind ${portal} ${statement}`, bind(portal, statement), portal, statement);
  if (random(4) > 0) goOn(random, turn, portal);
}

function goOn(random: Random, turn: TurnWriter, portal: string): void {
  for (let pages = 1 + random(2); pages > 0; pages--) {
    const rows = random(4);
    turn.message(`Execute ${portal} ${rows}`, encode.execute(portal, rows), portal);
  }
}
