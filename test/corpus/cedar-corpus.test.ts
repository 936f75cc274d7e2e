import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type CedarCase, differencesOf, parseExactJson } from "./cedar-case.ts";
import { readTarGz } from "./tar.ts";

const corpus = join(import.meta.dirname, "../../../shared/corpora/cedar");
const archive = join(corpus, "corpus-tests.tar.gz");

interface Listing {
  readonly policies: string;
  readonly entities: string;
  readonly schema: string;
  readonly requests: CedarCase["requests"];
}

function isListing(json: unknown): json is Listing {
  return typeof json === "object" && json !== null && "requests" in json && "policies" in json && "entities" in json;
}

function readCase(json: string, read: (path: string) => string, typed: boolean): CedarCase {
  const listing = parseExactJson(json);
  if (!isListing(listing)) throw new TypeError("not an integration test of Cedar");
  const schema = typed ? read(listing.schema) : undefined;
  return { policies: read(listing.policies), entities: read(listing.entities), schema, requests: listing.requests };
}

describe.skipIf(!existsSync(corpus))(
  "the official Cedar tests (skipped when ../shared/corpora/cedar is absent)",
  () => {
    test("hand-written cases: same decision, reasons and errors", { timeout: 60_000 }, () => {
      const files = globSync("tests/**/*.json", { cwd: corpus });
      const read = (path: string) => readFileSync(join(corpus, path), "utf8");
      const differences = files.flatMap((file) =>
        differencesOf(readCase(read(file), read, true)).map((text) => `${file}: ${text}`),
      );
      expect(files.length).toBeGreaterThan(20);
      expect(differences).toEqual([]);
    });

    test("generated corpus: same decision, reasons and errors for every request", { timeout: 300_000 }, () => {
      const files = readTarGz(archive);
      const read = (path: string) => files.get(path) ?? "";
      const differences: string[] = [];
      let requests = 0;
      for (const [name, text] of files) {
        if (!name.endsWith(".json") || name.endsWith(".entities.json")) continue;
        const found = readCase(text, read, false);
        requests += found.requests.length;
        for (const difference of differencesOf(found)) differences.push(`${name}: ${difference}`);
      }
      expect(requests).toBe(62_472);
      expect(differences.slice(0, 20)).toEqual([]);
    });
  },
);
