import { canonicalJson, newId } from "@sluice/kernel";
import { type LedgerRecord, ledgerEntrySchema } from "@sluice/ledger";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EntryOwner } from "./entry-text.ts";
import { RecordForm } from "./record-form.ts";
import { recordId } from "./record-id.ts";
import type { RecordDraft } from "./recorder.ts";
import { owner } from "./spool.fixture.ts";

const words = fc.string({ unit: "binary", maxLength: 20 });
const list = fc.array(words, { maxLength: 3 });
const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const outcome = fc.record({
  status: fc.constantFrom("ok" as const, "refused" as const, "error" as const, "aborted" as const),
  rows: fc.nat(),
  bytes: fc.nat(),
  maskedCells: fc.dictionary(fc.string({ maxLength: 8 }), fc.nat(), { maxKeys: 3, noNullPrototype: true }),
  durationUs: fc.nat(),
  decideUs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  error: optional(words),
  tag: optional(words),
});
type Given = Required<NonNullable<RecordDraft["decisions"][number]["given"]>>;

/** Every field there is: one that the writer does not know would be lost without a word. */
const given: { readonly [Field in keyof Given]: fc.Arbitrary<Given[Field]> } = {
  columnsRead: list,
  columnsWritten: list,
  columnsFiltered: list,
  columnsProbed: list,
  testedValues: fc.nat(),
  objectCount: fc.nat(),
  inTransaction: fc.constant(true as const),
  grant: words,
  statement: fc.record({ command: words, functions: list, flags: list }),
  table: words,
  column: words,
};

const drafts: fc.Arbitrary<RecordDraft> = fc.record({
  kind: fc.constantFrom("exchange" as const, "session" as const),
  id: fc.constant(newId()),
  atMs: fc.nat(),
  sessionId: optional(fc.constant(newId())),
  principals: fc.array(
    fc.record({ type: fc.constantFrom("User" as const, "Agent" as const), id: words, name: words }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  client: optional(fc.record({ ip: words, application: words, protocol: words })),
  resource: optional(fc.record({ id: words, name: words, kind: words })),
  statement: optional(words),
  statementDigest: optional(words),
  facts: optional(
    fc.record({ command: words, reads: list, writes: list, functions: list, classes: list, flags: list }),
  ),
  verdict: fc.constantFrom("allow" as const, "mask" as const, "ask" as const, "deny" as const),
  reason: optional(words),
  advice: optional(words),
  decisions: fc.array(
    fc.record({
      action: words,
      resource: fc.record({ type: words, id: words }),
      verdict: fc.constantFrom("allow" as const, "deny" as const),
      code: optional(words),
      policies: list,
      given: optional(fc.record(given, { requiredKeys: [] })),
    }),
    { maxLength: 2 },
  ),
  obligations: optional(fc.constant({ rowsMax: 10, masks: { b: "null", a: "hmac" } })),
  bundleVersion: fc.nat(),
  approval: optional(
    fc.record({ id: fc.constant(newId()), outcome: fc.constant("approved" as const), approvers: list }),
  ),
  outcome: optional(outcome),
});

// What jsonb cannot hold is replaced on the way in.
function storable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll("\\u0000", "�")
      .replaceAll(/\\ud[89a-f][0-9a-f]{2}/gi, "�"),
  );
}

function recordLine(draft: RecordDraft, by: EntryOwner, seq: number): string {
  const form = new RecordForm(draft);
  const bytes = Buffer.alloc(form.bytesMax(by) + 2, 0xee);
  const end = form.write(bytes, 1, by, { recordId: recordId(draft.id), atMs: draft.atMs, seq });
  expect(end).toBeLessThan(bytes.length);
  expect([bytes[0], bytes[end]]).toEqual([0xee, 0xee]);
  return bytes.toString("utf8", 1, end);
}

describe("RecordForm", () => {
  it("writes the canonical JSON of the record, whatever is in it", () => {
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1, max: 2 ** 40 }), (draft, seq) => {
        const line = recordLine(draft, owner, seq);
        const record: Partial<LedgerRecord> = { ...draft, ...owner, v: 1, seq };
        expect(line).toBe(`${canonicalJson(storable(record))}\n`);
        ledgerEntrySchema.parse(JSON.parse(line));
      }),
    );
  });

  it("reads an object again that can change, and remembers a frozen one", () => {
    const rest = { kind: "exchange" as const, id: newId(), atMs: 1, verdict: "allow" as const, bundleVersion: 1 };
    const principals = [{ type: "User" as const, id: "ana", name: "Ana" }];
    const decisions: RecordDraft["decisions"] = [];
    const first = recordLine({ ...rest, principals, decisions }, owner, 1);
    principals[0] = { type: "User", id: "bo", name: "Bo" };
    const second = recordLine({ ...rest, principals, decisions }, owner, 1);
    expect(second).not.toBe(first);
    Object.freeze(principals);
    expect(recordLine({ ...rest, principals, decisions }, owner, 1)).toBe(second);
    expect(recordLine({ ...rest, principals, decisions }, owner, 1)).toBe(second);
  });

  it("cuts the statement at its bound", () => {
    const draft: RecordDraft = {
      kind: "exchange",
      id: newId(),
      atMs: 1,
      principals: [{ type: "User", id: "ana", name: "Ana" }],
      statement: "x".repeat(100_000),
      verdict: "allow",
      decisions: [],
      bundleVersion: 1,
    };
    const parsed = ledgerEntrySchema.parse(JSON.parse(recordLine(draft, owner, 1)));
    expect(parsed.kind === "outcome" ? 0 : parsed.statement?.length).toBe(65_536);
  });
});
