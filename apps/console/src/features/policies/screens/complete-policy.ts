import type { Completion } from "@codemirror/autocomplete";
import type { Outputs } from "../../../client/api.tsx";
import type { CompleteWord } from "../../../ui/code-editor.tsx";

type Vocabulary = Outputs["policies"]["vocabulary"];

const keywords = [
  "permit",
  "forbid",
  "when",
  "unless",
  "principal",
  "action",
  "resource",
  "context",
  "in",
  "is",
  "has",
  "like",
  "if",
  "then",
  "else",
  "true",
  "false",
];

function entities(vocabulary: Vocabulary): Readonly<Record<string, readonly string[]>> {
  return {
    Action: vocabulary.actions.map((action) => action.id),
    Group: vocabulary.groups,
    User: vocabulary.users,
    Agent: vocabulary.agents,
    Database: vocabulary.databases,
    Table: vocabulary.tables,
    DataClass: vocabulary.dataClasses,
  };
}

function contextFields(vocabulary: Vocabulary, typed: string): Completion[] {
  return vocabulary.contextFields
    .map((field) => `context.${field}`)
    .filter((field) => field.startsWith(typed))
    .map((label) => ({ label, type: "property" }));
}

function attributes(vocabulary: Vocabulary): Completion[] {
  const byName = new Map<string, string[]>();
  for (const type of vocabulary.entityTypes) {
    for (const attribute of type.attributes) byName.set(attribute, [...(byName.get(attribute) ?? []), type.name]);
  }
  return [...byName].map(([label, types]) => ({ label, detail: types.join(", "), type: "property" }));
}

/** Completion from the shipped schema and the org's own names, by what stands before the cursor on its line. */
export function completePolicy(vocabulary: Vocabulary): CompleteWord {
  const known = entities(vocabulary);
  const words: Completion[] = [
    ...keywords.map((label) => ({ label, type: "keyword" })),
    ...vocabulary.entityTypes.map((type) => ({ label: `${type.name}::"`, detail: "entity", type: "type" })),
    { label: 'Action::"', detail: "action", type: "type" },
  ];
  return (before) => {
    const workflow = /@require_approval\("([^"]*)$/.exec(before);
    if (workflow !== null) {
      return {
        from: before.length - (workflow[1] ?? "").length,
        options: vocabulary.workflows.map((label) => ({ label, detail: "workflow" })),
      };
    }
    const entity = /\b([A-Z]\w*)::"([^"]*)$/.exec(before);
    if (entity !== null) {
      const options = (known[entity[1] ?? ""] ?? []).map((label) => ({ label, detail: entity[1] ?? "" }));
      return { from: before.length - (entity[2] ?? "").length, options };
    }
    const annotation = /@(\w*)$/.exec(before);
    if (annotation !== null) {
      return {
        from: before.length - (annotation[1] ?? "").length,
        options: vocabulary.annotations.map((each) => ({ label: each.name, detail: each.help })),
      };
    }
    const context = /\bcontext(?:\.\w*)+$/.exec(before);
    if (context !== null) {
      return { from: before.length - context[0].length, options: contextFields(vocabulary, "context") };
    }
    const attribute = /\b(?:principal|resource|\w+)\.(\w*)$/.exec(before);
    if (attribute !== null)
      return { from: before.length - (attribute[1] ?? "").length, options: attributes(vocabulary) };
    const word = /[A-Za-z_]\w*$/.exec(before);
    return word === null
      ? { from: before.length, options: [] }
      : { from: before.length - word[0].length, options: words };
  };
}
