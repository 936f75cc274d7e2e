import { expect, test } from "vitest";
import { comparePolicies, outlinePolicies } from "./outline.ts";

const read =
  '@id("read")\n@description("May; read")\npermit (principal, action == Action::"sql.read.select", resource);';
const stop = '@id("stop")\nforbid (principal, action in Action::"destroy", resource);';
const texts = { guardrails: stop, access: read, obligations: "" };

test("an outline names each policy with its set, effect and annotations, guardrails first", () => {
  expect(outlinePolicies(texts)).toMatchObject([
    { id: "stop", set: "guardrails", effect: "forbid", description: null },
    { id: "read", set: "access", effect: "permit", description: "May; read", text: read },
  ]);
});

test("a policy that does not parse is left out and the others stay", () => {
  const broken = { ...texts, access: `${read}\npermit (nobody;` };
  expect(outlinePolicies(broken).map(({ id }) => id)).toEqual(["stop", "read"]);
});

test("comparing tells added, removed and changed apart by id", () => {
  const before = outlinePolicies(texts);
  const after = outlinePolicies({
    guardrails: stop.replace("destroy", "ddl"),
    access: read.replaceAll("read", "look"),
    obligations: "",
  });
  const { added, removed, changed } = comparePolicies(before, after);
  expect(added.map(({ id }) => id)).toEqual(["look"]);
  expect(removed.map(({ id }) => id)).toEqual(["read"]);
  expect(changed.map(({ after: { id } }) => id)).toEqual(["stop"]);
});
