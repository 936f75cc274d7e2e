import * as encode from "../../apps/enforcer/src/protocols/postgres/codec/encode.ts";
import { pick, type Random } from "../../apps/enforcer/src/protocols/postgres/fixtures/model-script.ts";
import { bind } from "../../apps/enforcer/src/protocols/postgres/fixtures/wire.ts";
import { queryTurn, TurnWriter, type WireTurn } from "./wire-turns.ts";

const ENCODINGS = ["LATIN1", "SJIS", "GBK", "BIG5", "EUC_JP", "UHC", "GB18030", "SQL_ASCII", "UTF8"] as const;
/**
 * Bytes of UTF-8 that are other characters elsewhere: some take the ASCII byte behind them as their second half, which in
 * SJIS, BIG5 and GBK may be a backslash.
 */
const WELL_FORMED = [
  "\u0083",
  "\u0095",
  "\u00b3",
  "\u3042",
  "\u597d",
  "\u00e9",
  "\u8868",
  "\u30bd",
  "\u0081",
  "\u4e00",
];
/** Bytes of other encodings, which UTF-8 does not know: SJIS 83 5c, BIG5 a5 5c, GBK d5 5c, bf 27, EUC 8f a1 a1, overlong. */
const ILL_FORMED = ["835c", "955c", "a55c", "d55c", "bf27", "bf5c27", "8fa1a1", "e9", "ff", "c0a7", "eda080", "81"];
const OPENINGS = ["'", "'", "E'", "E'", "U&'", '"', 'U&"', "$q$", "/*", "--", "N'"] as const;
const SPECIAL = [
  "\\",
  "\\",
  "\\\\",
  "'",
  "''",
  "\\'",
  '"',
  "$q$",
  "*/",
  "\n",
  "\\0027",
  "\\+000027",
  "!0027",
  "\\x27",
] as const;
/** What another reading of the text before them would let through. */
const PAYLOADS = [
  "', email FROM customers ORDER BY id LIMIT 3 --'",
  ", email FROM customers ORDER BY id LIMIT 3 --",
  "', ' , email FROM customers ORDER BY id LIMIT 3 --'",
  "', procedural(1) --'",
  "', ' , procedural(1) --'",
  "' || procedural(1)::text || '",
  "'; DELETE FROM orders; --'",
  "', ' ; DELETE FROM orders; --'",
  '", procedural(1) --"',
  "$q$, procedural(1) --$q$",
  "*/, procedural(1) --*/",
  "\n, procedural(1) --",
  "' UESCAPE '!', procedural(1) --'",
] as const;

const TARGETS = [", email FROM customers ORDER BY id LIMIT 3", ", procedural(1)", ", other.twice(1)"] as const;

/** Changes how the bytes behind it are read. */
function reading(random: Random): string {
  const encoding = pick(random, ENCODINGS);
  return pick(random, [
    `SET client_encoding = '${encoding}'`,
    `SET client_encoding TO ${encoding}`,
    `SET NAMES '${encoding}'`,
    `SET LOCAL client_encoding = '${encoding}'`,
    "SET standard_conforming_strings = off",
    "SET LOCAL standard_conforming_strings = off",
    "SET standard_conforming_strings = on",
  ]);
}

function setting(random: Random): string {
  if (random(2) === 0) return reading(random);
  return pick(random, [
    "SET backslash_quote = on",
    "SET backslash_quote = off",
    "RESET ALL",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT a",
    "ROLLBACK TO a",
  ]);
}

/** A piece of a literal, an identifier or a comment, in bytes that other encodings read otherwise. */
function piece(random: Random, wellFormed: boolean): Buffer {
  const kind = random(10);
  if (kind < 4) return Buffer.from(pick(random, WELL_FORMED));
  if (kind < 8) return Buffer.from(pick(random, SPECIAL));
  if (kind === 8 && !wellFormed) return Buffer.from(pick(random, ILL_FORMED), "hex");
  return Buffer.from(pick(random, ["a", "0", " ", ", "]));
}

/** A string that ends at one quote or at the next, by what the backslash before it is taken for. */
function aimedText(random: Random): Buffer {
  const target = pick(random, TARGETS);
  const [open, between] = pick(random, [
    ["'", "', ' "],
    ["E'", "'"],
    ["'", "'"],
    ["E'", "', ' "],
  ] as const);
  return Buffer.from(`SELECT ${open}${pick(random, WELL_FORMED.slice(0, 1 + random(10)))}\\${between}${target} --'`);
}

/** A statement whose reading hangs on settings: what one takes for a string is code to another. */
function trickyText(random: Random): Buffer {
  if (random(2) === 0) return aimedText(random);
  // what is not UTF-8 ends a session, and its conversation
  const wellFormed = random(6) > 0;
  const pieces = Array.from({ length: 1 + random(3) }, () => piece(random, wellFormed));
  const opening = pick(random, OPENINGS);
  const before = opening.startsWith("/") || opening.startsWith("-") ? "SELECT 1 " : "SELECT ";
  const end =
    random(5) === 0
      ? opening
          .replace(/^(N|E|U&)/, "")
          .replace("/*", "*/")
          .replace("--", "\n")
      : "";
  return Buffer.concat([Buffer.from(before + opening), ...pieces, Buffer.from(pick(random, PAYLOADS) + end)]);
}

function text(random: Random): Buffer {
  const kind = random(10);
  if (kind < 4) return Buffer.from(setting(random));
  if (kind === 4) return Buffer.from("SELECT name, email FROM customers ORDER BY id LIMIT 2");
  if (kind === 5) return Buffer.concat([Buffer.from(`${setting(random)}; `), trickyText(random)]);
  return trickyText(random);
}

/** Settings that change how bytes are read, in texts, batches and transactions, and texts that tell readings apart. */
export function encodingConversation(random: Random): readonly WireTurn[] {
  const turns = [queryTurn(Buffer.from(setting(random)))];
  for (let left = 4 + random(8); left > 0; left--)
    turns.push(random(2) === 0 ? queryTurn(text(random)) : batch(random));
  return turns;
}

function batch(random: Random): WireTurn {
  const turn = new TurnWriter();
  let first = true;
  for (let left = 1 + random(3); left > 0; left--) {
    const statement = pick(random, ["", "", "s"]);
    turn.parse(statement, first && random(2) === 0 ? Buffer.from(reading(random)) : text(random));
    first = false;
    if (random(3) === 0) turn.message("Flush", encode.flush());
    turn.message(`Bind ${statement}`, bind("", statement), statement);
    if (random(3) === 0) turn.message("Describe", encode.describe("P", ""));
    turn.message("Execute", encode.execute("", random(3)));
  }
  return turn.sync();
}
