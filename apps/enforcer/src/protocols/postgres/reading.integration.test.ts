import { compilePolicies } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import "../../../../../test/kit/provided.ts";
import { planCopyMasks, planRowMasks } from "../../masking/index.ts";
import * as encode from "./codec/encode.ts";
import { startTestSite, type TestSite } from "./fixtures/test-site.ts";
import { bind, openWire, type WireClient } from "./fixtures/wire.ts";

/** With so much permitted only masking stands between a value and the client. */
const ALMOST_ALL = `
@id("open") permit (principal, action == Action::"session.open", resource);
@id("almost-all")
permit (principal, action in [Action::"sql.read", Action::"sql.write", Action::"sql.exec.call", Action::"sql.opaque"], resource);
`;

/** Reads no column where backslashes are themselves, and a classified one where they escape a quote. */
const TWO_READINGS = "SELECT '\\' , ', email, '||' --'\n FROM customers";
const OFF = "SET standard_conforming_strings = off";
const ON = "SET standard_conforming_strings = on";
const GBK = "SET client_encoding = 'GBK'";

/** Characters whose second byte in GBK is a backslash and a bar: taken apart by bytes, e-mail moves to the first field. */
const BARS = `COPY (SELECT convert_from('\\x815c', 'GBK'), email, convert_from('\\x817c', 'GBK') FROM customers)
  TO STDOUT (DELIMITER '|'`;

let site: TestSite;
let wire: WireClient;

beforeAll(async () => {
  site = await startTestSite({
    upstream: inject("upstream"),
    masking: { planRows: planRowMasks, planCopy: planCopyMasks },
    environment: "staging",
    compiled: unwrap(compilePolicies({ guardrails: "", access: ALMOST_ALL, obligations: "" })),
  });
  site.change((content) => ({
    ...content,
    dataClasses: content.dataClasses.map(({ name }) => ({ name, strategy: "redact" })),
  }));
});

afterAll(async () => {
  await site.close();
});

beforeEach(async () => {
  wire = await openWire(site);
  await wire.answers();
});

afterEach(() => wire.destroy());

const run = (text: string) => [encode.parse("", text), bind("", ""), encode.execute("", 0)];
const executed = (...texts: string[]) => [...texts.flatMap(run), encode.sync()];
const prepared = (name: string, text: string) => [encode.parse(name, text), encode.sync()];
const bound = (portal: string, name: string) => [bind(portal, name), encode.sync()];

/** Sends each of these by itself and gives everything that came back. */
async function answersTo(...requests: Buffer[][]): Promise<string> {
  const seen: Buffer[] = [];
  for (const frames of requests) {
    wire.send(...frames);
    seen.push(...(await wire.answers()).map(({ body }) => body));
  }
  return Buffer.concat(seen).toString("latin1");
}

describe("a text with two readings", () => {
  test("is let through in the one that reads no column", async () => {
    expect(await answersTo(executed(TWO_READINGS))).toContain("\\");
  });

  test.each<[string, Buffer[][]]>([
    ["in the batch that changed how texts are read", [executed(OFF, TWO_READINGS)]],
    [
      "prepared in one, bound in the other",
      [
        [encode.query(OFF)],
        prepared("s", TWO_READINGS),
        [encode.query(ON)],
        [bind("", "s"), encode.execute("", 0), encode.sync()],
      ],
    ],
    [
      "prepared in the other, and prepared again after that changed",
      [
        prepared("s", TWO_READINGS),
        [encode.query(OFF)],
        [encode.query("DEALLOCATE ALL")],
        [bind("", "s"), encode.execute("", 0), encode.sync()],
      ],
    ],
    [
      "behind a savepoint that takes the change back, in a batch",
      [[encode.query(`BEGIN; ${OFF}`)], [encode.query(`SAVEPOINT a; ${ON}`)], executed("ROLLBACK TO a", TWO_READINGS)],
    ],
    ["behind a change in the same text", [[encode.query(`${OFF}; ${TWO_READINGS}`)]]],
  ])("shows no classified value %s", async (_how, requests) => {
    expect(await answersTo(...requests)).not.toMatch(/@\w+\./);
  });
});

describe("COPY of a classified column in an encoding where half a character looks like a delimiter", () => {
  test.each<[string, Buffer[][]]>([
    ["by ENCODING", [[encode.query(`${BARS}, ENCODING 'GBK')`)]]],
    ["by the session", [[encode.query(GBK)], [encode.query(`${BARS})`)]]],
    ["by the text", [[encode.query(`${GBK}; ${BARS})`)]]],
    ["by the batch", [executed(GBK, `${BARS})`)]],
    [
      "by a change behind its Bind",
      [
        [encode.query("BEGIN")],
        [encode.parse("s", `${BARS})`), ...bound("p", "s")],
        [encode.query(GBK)],
        [encode.execute("p", 0), encode.sync()],
      ],
    ],
  ])("is refused: %s", async (_how, requests) => {
    const answers = await answersTo(...requests);
    expect(answers).toContain("encoding that cannot be taken apart");
    expect(answers).not.toMatch(/@\w+\./);
  });

  test.each(["UTF8", "LATIN1", "WIN1252", "EUC_JP"])("passes masked in %s", async (encoding) => {
    const text = `COPY (SELECT id, email FROM customers) TO STDOUT (ENCODING '${encoding}')`;
    const answers = await answersTo([encode.query(text)]);
    expect(answers).toMatch(/\d\t\*\*\*/);
    expect(answers).not.toMatch(/@\w+\./);
  });

  test("passes masked in the binary form, whose fields say how long they are", async () => {
    const answers = await answersTo(
      [encode.query(GBK)],
      [encode.query("COPY customers (email) TO STDOUT (FORMAT binary)")],
    );
    expect(answers).toContain("***");
  });
});
