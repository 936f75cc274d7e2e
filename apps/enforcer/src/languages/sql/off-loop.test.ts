import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../facts.ts";
import { fixtureCatalogue, readCorpus } from "./corpus/load-corpus.fixture.ts";
import { loadSqlAnalysis, loadSqlParser, type SqlAnalysis } from "./index.ts";
import { OffLoop } from "./off-loop.ts";

const SETTINGS: SqlSessionSettings = {
  searchPath: "public",
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "app",
};
const LIMITS = {
  textBytesMax: 1_048_576,
  statementsMax: 1_000,
  analysisMsMax: 300,
  waitingMsMax: 10_000,
  idleMsMax: 60_000,
};
const HANGING = new URL("./analysis-hanging.fixture.ts", import.meta.url);

let catalogue: Catalogue;
const closing: { close(): void }[] = [];

beforeAll(() => {
  catalogue = fixtureCatalogue();
});

afterEach(() => {
  for (const each of closing.splice(0)) each.close();
});

async function analysis(limits: Parameters<typeof loadSqlAnalysis>[0] = {}): Promise<SqlAnalysis> {
  const made = await loadSqlAnalysis(limits);
  closing.push(made);
  return made;
}

function hanging(): OffLoop {
  const made = new OffLoop(LIMITS, HANGING);
  closing.push(made);
  return made;
}

const repeated = (part: string, times: number, separator: string) => Array(times).fill(part).join(separator);

/** Texts made to be slow: what they come out as matters less than that everybody else goes on. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ["a million-element IN list", `SELECT 1 FROM orders WHERE id IN (${repeated("1", 1_000_000, ",")})`],
  ["an IN list of a megabyte", `SELECT 1 FROM orders WHERE id IN (${repeated("123456", 140_000, ",")})`],
  ["10,000 nested parentheses", `SELECT ${"(".repeat(10_000)}1${")".repeat(10_000)}`],
  ["a string of a megabyte", `SELECT '${"x".repeat(1_000_000)}'`],
  ["60,000 UNION arms", `SELECT 1 ${repeated("UNION SELECT 1", 60_000, " ")}`],
  ["100,000 UNION arms", `SELECT 1 ${repeated("UNION SELECT 1", 100_000, " ")}`],
  ["10,000 terms of AND", `SELECT 1 FROM orders WHERE ${repeated("id <> 5", 10_000, " AND ")}`],
  ["20,000 terms of + in a row", `SELECT ${repeated("id", 20_000, "+")} FROM orders`],
  ["a NOT of a NOT of a NOT", `SELECT 1 WHERE ${"NOT ".repeat(100_000)}true`],
  ["900 statements", repeated("UPDATE orders SET total = 1 WHERE id = 2", 900, ";")],
  ["a CASE of a CASE", `SELECT ${"CASE WHEN true THEN ".repeat(5_000)}1${" END".repeat(5_000)}`],
  ["20,000 rows", `INSERT INTO orders(id, note) VALUES ${repeated("(1, 'x')", 20_000, ",")}`],
];

describe("large texts", () => {
  it.each(HOSTILE)(
    "%s gives facts or a refusal in words, while everybody else goes on",
    async (_, text) => {
      const { analyse } = await analysis();
      await analyse(`SELECT 1 ${" ".repeat(5_000)}`, SETTINGS, catalogue);
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const startedMs = performance.now();
      const facts = await analyse(text, SETTINGS, catalogue);
      delay.disable();
      expect(facts.length).toBeGreaterThan(0);
      for (const one of facts) expect(one.unparsed ? one.reason : one.accesses.length).toBeTruthy();
      expect(performance.now() - startedMs).toBeLessThan(6_000);
      // on a busy machine a turn takes its time; analysed here these take a second and more
      expect(delay.max / 1e6).toBeLessThan(250);
    },
    20_000,
  );

  it("are refused at once beyond a megabyte", async () => {
    const { analyse } = await analysis();
    const facts = analyse(`SELECT '${"x".repeat(2_000_000)}'`, SETTINGS, catalogue);
    expect(facts).toMatchObject([{ unparsed: true, reason: "the text is too large" }]);
  });

  it("with a NUL byte, or broken Unicode, are refused wherever they are analysed", async () => {
    const { analyse } = await analysis();
    for (const padding of ["", " ".repeat(10_000)]) {
      expect((await analyse(`SELECT 1\0${padding}`, SETTINGS, catalogue))[0]?.reason).toContain("NUL");
      expect((await analyse(`SELECT '\ud800'${padding}`, SETTINGS, catalogue))[0]?.reason).toContain("Unicode");
    }
  });

  it("come out as they would here, every text of the corpora", async () => {
    const { analyse } = await analysis();
    const inline = await loadSqlParser();
    const plain = (facts: readonly StatementFacts[]) =>
      facts.map((one) => ({ ...one, span: undefined, prepares: one.prepares?.kind }));
    for (const { text } of [...readCorpus("hostile"), ...readCorpus("leaks")].filter((_, at) => at % 3 === 0)) {
      const padded = `${" ".repeat(5_000)}${text}`;
      const answer = await analyse(padded, SETTINGS, catalogue);
      expect(plain(answer), text).toEqual(plain(inline.analyse(padded, SETTINGS, catalogue)));
      expect(answer.every((one) => Object.isFrozen(one))).toBe(true);
    }
  }, 60_000);

  it("are kept: the second time they are known at once", async () => {
    const { analyse } = await analysis();
    const text = `SELECT id FROM orders ${" ".repeat(10_000)}`;
    const first = await analyse(text, SETTINGS, catalogue);
    expect(analyse(text, SETTINGS, catalogue)).toBe(first);
  });
});

describe("small texts", () => {
  it("stay here when they are simple, and leave when they lead far", async () => {
    const { analyse } = await analysis();
    expect(analyse("SELECT 1", SETTINGS, catalogue)).not.toBeInstanceOf(Promise);
    const far = `WITH RECURSIVE ${Array.from({ length: 12 }, (_, at) => `a${at} AS (SELECT * FROM ${at === 0 ? "orders" : `a${at - 1}, a${at - 1} b`})`).join(", ")} SELECT * FROM a11`;
    const deep = `SELECT ${repeated("(SELECT 1 FROM contact_names)", 130, "+")}`;
    for (const text of [far, deep]) expect((await analyse(text, SETTINGS, catalogue)).length).toBe(1);
  });
});

describe("the thread", () => {
  it("is stopped when a text takes too long, and the next text starts another", async () => {
    const offLoop = hanging();
    for (let round = 0; round < 2; round += 1) {
      const answer = await offLoop.analyse({ text: `round ${round}`, settings: SETTINGS, catalogue });
      expect(answer).toEqual({ refused: "it takes too long to understand" });
    }
  });

  it.each(["exit", "throw"])("may die: on %s only the text at work is refused", async (text) => {
    const offLoop = hanging();
    const answers = await Promise.all([
      offLoop.analyse({ text, settings: SETTINGS, catalogue }),
      offLoop.analyse({ text: `${text} again`, settings: SETTINGS, catalogue }),
    ]);
    for (const answer of answers) expect(answer).toHaveProperty("refused");
  });

  it("has a bounded queue, answers each question once, and refuses what waits when it is closed", async () => {
    const offLoop = hanging();
    const asked = Array.from({ length: 80 }, (_, at) =>
      offLoop.analyse({ text: `text ${at}`, settings: SETTINGS, catalogue }),
    );
    expect(offLoop.analyse({ text: "text 1", settings: SETTINGS, catalogue })).toBe(asked[1]);
    await expect(asked[79]).resolves.toEqual({ refused: "too many large statements are waiting to be looked at" });
    offLoop.close();
    const answers = await Promise.all(asked);
    expect(
      answers.filter((answer) => "refused" in answer && answer.refused === "the enforcer is stopping").length,
    ).toBeGreaterThan(60);
  });

  it("gives its memory back when it has nothing to do, and starts again", async () => {
    const { analyse } = await analysis({ idleMsMax: 20 });
    for (let round = 0; round < 2; round += 1) {
      const facts = await analyse(`SELECT id FROM orders ${" ".repeat(5_000 + round)}`, SETTINGS, catalogue);
      expect(facts).toMatchObject([{ unparsed: false }]);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  });
});
