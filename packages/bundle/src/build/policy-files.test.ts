import { readFileSync } from "node:fs";
import { unwrap } from "@sluice/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { starterPolicies } from "../starter/starter-policies.ts";
import { noTests, policySuiteSchema, readPolicyFiles, writePolicyFiles } from "./index.ts";

const starter = starterPolicies();
const starterTests = {
  entities: [],
  suites: {
    starter: policySuiteSchema.parse(
      JSON.parse(readFileSync(new URL("../starter/starter.policy-tests.json", import.meta.url), "utf8")),
    ),
  },
};
const read = '@id("read") permit (principal is User, action == Action::"sql.read.select", resource);\n';

describe("a folder of policies", () => {
  test("has one file per policy, its tests beside it", () => {
    const suite = policySuiteSchema.parse({
      cases: [
        {
          name: "one",
          principal: 'User::"a"',
          action: "sql.read.select",
          resource: 'Table::"t"',
          expect: { verdict: "allow" },
        },
      ],
    });
    const entities = [{ uid: { type: "User", id: "a" }, attrs: {}, tags: {}, parents: [] }];
    const files = unwrap(
      writePolicyFiles(
        { guardrails: "", access: `// why\n${read}`, obligations: "" },
        { entities, suites: { "access/read": suite } },
      ),
    );
    expect(Object.keys(files)).toEqual(["access/read.cedar", "access/read.policy-tests.json", "entities.json"]);
    expect(files["access/read.cedar"]).toBe(
      '// why\n@id("read")\npermit (\n  principal is User,\n  action == Action::"sql.read.select",\n  resource\n);\n',
    );
    const back = readPolicyFiles(files);
    expect(back.problems).toEqual([]);
    expect(back.tests).toEqual({ entities, suites: { "access/read": suite } });
  });

  test("gives the starter pack back as it was, in its own order", () => {
    const files = unwrap(writePolicyFiles(starter, starterTests));
    const back = readPolicyFiles(files, starter);
    expect(back.problems).toEqual([]);
    expect(back.texts).toEqual(starter);
    expect(back.tests).toEqual(starterTests);
  });

  test("written, read and written again is the same bytes, whatever the layout and order", () => {
    const bits = fc.constantFrom("// a comment\n", "\n", "\n\n", " // beside\n", "//\n", "");
    const policy = fc.tuple(bits, bits, fc.constantFrom("permit", "forbid"), bits, bits);
    fc.assert(
      fc.property(fc.array(policy, { maxLength: 6 }), (policies) => {
        const access = policies
          .map(
            ([a, b, effect, c, d], at) =>
              `${a}${b}@id("p${9 - at}:x/${at}")${effect}(principal is User,action == Action::"unmask",${c}resource);${d}`,
          )
          .join("");
        const first = unwrap(writePolicyFiles({ guardrails: "", access, obligations: "" }));
        const { texts, problems } = readPolicyFiles(first);
        expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(unwrap(writePolicyFiles(texts))).toEqual(first);
        expect(
          Object.values(first)
            .join("")
            .match(/comment|beside/g)?.length,
        ).toBe(access.match(/comment|beside/g)?.length);
      }),
      { numRuns: 40, seed: 3 },
    );
  }, 30_000);

  test("names file, line and column of what is wrong, in policies and in tests", () => {
    const { problems } = readPolicyFiles({
      "access/a.cedar": read.replaceAll("read", "a"),
      "access/read.cedar": `// why\n${read.replace("resource)", "resource) when { context.nonsense }")}`,
      "guardrails/empty.cedar": "// nothing\n",
      "access/other.cedar": read.replace('"read"', '"third"'),
      "loose/x.cedar": read,
      "access/read.policy-tests.json": '{ "cases": [\n  { "name": "x",\n    "principal": "ana" } ] }',
      "entities.json": "[\n{]",
    });
    expect(problems.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`)).toEqual([
      "access/a.cedar:1:47 validation_error",
      "access/other.cedar:1:1 misnamed_file",
      "access/read.cedar:2:94 validation_error",
      "access/read.policy-tests.json:2:3 bad_tests",
      "access/read.policy-tests.json:2:3 bad_tests",
      "access/read.policy-tests.json:2:3 bad_tests",
      "access/read.policy-tests.json:3:18 bad_tests",
      "entities.json:2:2 bad_tests",
      "guardrails/empty.cedar:1:1 misnamed_file",
      "loose/x.cedar:1:1 misplaced_file",
    ]);
  });

  test("takes the three files of a set as well, and a file written on Windows", () => {
    const files = { "access.cedar": read.replaceAll("\n", "\r\n") };
    expect(readPolicyFiles(files)).toMatchObject({ problems: [], tests: noTests, texts: { access: read } });
  });
});
