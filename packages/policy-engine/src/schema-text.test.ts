import { readFileSync } from "node:fs";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { expect, test } from "vitest";
import { sluiceActions } from "./actions.ts";
import { schemaText } from "./schema-text.ts";
import { SCHEMA_VERSION, schemaVersionsRead } from "./schema-version.ts";

const text = readFileSync(new URL("../schema/sluice.cedarschema", import.meta.url), "utf8");

test("the embedded schema is the shipped file; `vitest -u` writes it again", async () => {
  const source = `/** sluice.cedarschema, embedded so that no reader needs a file system. Written by schema-text.test.ts. */\nexport const schemaText = \`${text.replaceAll(/[\\`]|\$(?={)/g, "\\$&")}\`;\n`;
  await expect(source).toMatchFileSnapshot("schema-text.ts");
  expect(schemaText).toBe(text);
});

test("the engine's actions and their groups are the schema's; `vitest -u` writes them again", async () => {
  const groups = groupsOf(text);
  const lines = Object.entries(groups).map(
    ([id, parents]) => `  ${/^\w+$/.test(id) ? id : JSON.stringify(id)}: ${JSON.stringify(parents)},\n`,
  );
  const source = `/** Every action of sluice.cedarschema with the groups it is in. Written by schema-text.test.ts. */\nexport const groupsByAction: Readonly<Record<string, readonly string[]>> = {\n${lines.join("").replaceAll('","', '", "')}};\n`;
  await expect(source).toMatchFileSnapshot("schema-actions.ts");
  const known = sluiceActions().map(({ uid, parents }) => [uid.id, parents.map(({ id }) => id)]);
  expect(Object.fromEntries(known)).toEqual(groups);
});

test("the schema says the version that bundles carry, and that version is read", () => {
  expect(text).toContain(`, version ${SCHEMA_VERSION}:`);
  expect(schemaVersionsRead.has(SCHEMA_VERSION)).toBe(true);
});

function groupsOf(schema: string): Record<string, string[]> {
  const answer = cedar.schemaToJson(schema);
  if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
  const actions = Object.entries(answer.json[""]?.actions ?? {});
  return Object.fromEntries(
    actions
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([id, { memberOf }]) => [id, (memberOf ?? []).map((group) => group.id).toSorted()]),
  );
}
