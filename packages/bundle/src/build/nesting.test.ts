import { canonicalJson, unwrap } from "@sluice/kernel";
import { load } from "@sluice/policy-engine";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { buildPolicies, checkPolicies, formatPolicies } from "./index.ts";

// the official parser and validator take their time on a busy machine
vi.setConfig({ testTimeout: 60_000 });

const HEAD = '@id("x") permit (principal is User, action == Action::"sql.read.select", resource)';
const policy = (condition: string) => `${HEAD} when { ${condition} };`;
const texts = (access: string) => ({ guardrails: "", access, obligations: "" });
const codes = (access: string) => checkPolicies(texts(access)).diagnostics.map(({ code }) => code);
const around = (open: string, inner: string, close: string) => (count: number) =>
  `${open.repeat(count)}${inner}${close.repeat(count)}`;
const chain = (operator: string) => (count: number) =>
  Array.from({ length: count }, (_, at) => `context.sql.functions.contains("f${at}")`).join(` ${operator} `);

/** Everything that nests, each as deep as asked. */
const forms: Readonly<Record<string, (count: number) => string>> = {
  parentheses: around("(", "true", ")"),
  negations: around("!(", "true", ")"),
  sets: (count) => `${around("[", "1", "]")(count)} == 1`,
  records: (count) => `${around("{a: ", "1", "}")(count)} == 1`,
  methods: around("context.sql.functions.contains(", "true", ")"),
  functions: around("ip(", "true", ")"),
  indexes: around("context[", '"sql"', "]"),
  conditions: around("if true then true else (", "true", ")"),
  mixed: around("[{a: !(-(if true then ", "1", " else 1))}]"),
  or: chain("||"),
  and: chain("&&"),
  sums: (count) => `${Array.from({ length: count }, () => "1").join(" + ")} == 1`,
  paths: (count) => `context${".a".repeat(count)}`,
  ifs: (count) => `${"if true then true else ".repeat(count)}true`,
};

// a trap in the official parser leaves it dead: whatever a test asked, it must still work afterwards
afterEach(() => {
  const found = codes(policy(`context.sql.command == "${crypto.randomUUID()}"`));
  if (found.length > 0) throw new Error(`the official parser no longer takes a good policy: ${found.join()}`);
});

describe.each(Object.entries(forms))("%s", (_form, nested) => {
  test.each([150, 2_000, 20_000])(
    "nested or chained %d times are refused by name before the official parser sees them",
    (count) => {
      const access = policy(nested(count));
      expect(codes(access)).toEqual(["too_deep"]);
    },
  );

  test("never trap it, however deep", () => {
    for (const count of [10, 20, 39, 41, 60, 100, 250, 499, 501, 999]) {
      checkPolicies(texts(policy(nested(count))));
      formatPolicies(policy(nested(count)));
    }
  });
});

test("never trap it together, nor with open texts, comments and brackets that do not match", () => {
  const bits = fc.constantFrom(
    "(",
    "[",
    "{a: ",
    "!(",
    "if true then ",
    " else ",
    "1 + ",
    "true && ",
    "context.a.b",
    ")",
    "]",
    "}",
    '"',
    "//",
    "\n",
    "-",
    "!",
    "like ",
    "has a ",
    "is User in ",
    "ip(",
    ";",
    "?principal",
    "\\",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(bits, fc.integer({ min: 1, max: 300 })), { maxLength: 8 }), (parts) => {
      const access = policy(parts.map(([bit, count]) => bit.repeat(count)).join(""));
      checkPolicies(texts(access));
      formatPolicies(access);
    }),
    { numRuns: 300, seed: 11 },
  );
});

test("what the check lets through is built, signed and loaded", () => {
  const deepest = (nested: (count: number) => string) => {
    let found = 0;
    for (let count = 1; count <= 60; count += 1) if (codes(policy(nested(count))).length === 0) found = count;
    return found;
  };
  for (const nested of [chain("||"), chain("&&"), around("!(", "context.sql.unbounded", ")")]) {
    const count = deepest(nested);
    expect(count).toBeGreaterThan(30);
    const built = unwrap(buildPolicies(texts(policy(nested(count)))));
    expect(canonicalJson({ content: { policies: built.policies, selfCheck: built.selfCheck } })).toContain("static");
    expect(load(built.policies)).toMatchObject({ ok: true });
  }
});
