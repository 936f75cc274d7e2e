import { beforeAll, describe, expect, it } from "vitest";
import type { Catalogue } from "../facts.ts";
import { fixtureCatalogue, readCorpus, verdictOf } from "./corpus/load-corpus.fixture.ts";
import { loadSqlParser, type SqlAnalyser } from "./index.ts";

const SETTINGS = {
  searchPath: '"$user", public',
  standardConformingStrings: true,
  clientEncoding: "UTF8",
  role: "app",
};

let analyser: SqlAnalyser;
let catalogue: Catalogue;

beforeAll(async () => {
  analyser = await loadSqlParser();
  catalogue = fixtureCatalogue();
});

describe("the hostile corpus", () => {
  it("holds at least 300 different statements", () => {
    expect(new Set(readCorpus("hostile").map((each) => each.text)).size).toBeGreaterThanOrEqual(300);
  });

  it.each(readCorpus("hostile"))("never takes line $line ($family) for a read: $text", ({ expected, text }) => {
    const verdict = verdictOf(analyser.analyse(text, SETTINGS, catalogue));
    if (expected === "unparsed") expect(verdict).toBe("unparsed");
    else expect(["write", "opaque"]).toContain(verdict);
  });
});

describe("the honest corpus", () => {
  it("holds at least 300 different statements", () => {
    expect(new Set(readCorpus("honest").map((each) => each.text)).size).toBeGreaterThanOrEqual(300);
  });

  it.each(readCorpus("honest"))("understands line $line ($family): $text", ({ expected, text }) => {
    const facts = analyser.analyse(text, SETTINGS, catalogue);
    expect(facts.map((one) => one.reason).filter((reason) => reason !== undefined)).toEqual([]);
    expect(verdictOf(facts)).toBe(expected);
    if (expected === "write" && /WHERE/.test(text)) expect(facts.some((one) => one.unbounded)).toBe(false);
  });
});
