import type { Completion } from "@codemirror/autocomplete";
import type { Outputs } from "../../../client/api.tsx";
import type { CompleteWord } from "../../../ui/code-editor.tsx";

type Vocabulary = Outputs["policies"]["vocabulary"];

const keys = [
  "name",
  "principal",
  "onBehalfOf",
  "action",
  "resource",
  "context",
  "expect",
  "verdict",
  "code",
  "determining",
  "workflows",
  "obligations",
];

function entity(type: string, id: string): Completion {
  const text = `${type}::"${id}"`;
  return { label: text, apply: JSON.stringify(text).slice(1, -1), detail: type };
}

/** Completion in files of tests: the org's own names where each may stand, by what is before the cursor on its line. */
export function completeTest(vocabulary: Vocabulary, policyIds: readonly string[]): CompleteWord {
  const people = vocabulary.users.map((id) => entity("User", id));
  const agents = vocabulary.agents.map((id) => entity("Agent", id));
  const things = [
    ...vocabulary.databases.map((id) => entity("Database", id)),
    ...vocabulary.tables.map((id) => entity("Table", id)),
    ...vocabulary.dataClasses.map((id) => entity("DataClass", id)),
  ];
  const named = (labels: readonly string[]): Completion[] => labels.map((label) => ({ label }));
  const values: Readonly<Record<string, readonly Completion[]>> = {
    principal: [...people, ...agents],
    onBehalfOf: people,
    resource: things,
    action: named(vocabulary.actions.map(({ id }) => id)),
    verdict: named(["allow", "ask", "deny"]),
    determining: named(policyIds),
    workflows: named(vocabulary.workflows),
  };
  return (before) => {
    const value = /"(\w+)":\s*(?:\[\s*(?:"[^"]*",\s*)*)?"((?:[^"\\]|\\.)*)$/.exec(before);
    if (value !== null) {
      return { from: before.length - (value[2] ?? "").length, options: values[value[1] ?? ""] ?? [] };
    }
    const key = /(?:^|[{,])\s*"(\w*)$/.exec(before);
    if (key !== null) return { from: before.length - (key[1] ?? "").length, options: named(keys) };
    return null;
  };
}
