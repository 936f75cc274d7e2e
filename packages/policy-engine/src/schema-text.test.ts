import { readFileSync } from "node:fs";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { expect, test } from "vitest";
import { sluiceActions } from "./actions.ts";
import { schemaText } from "./schema-text.ts";

test("the embedded schema is the shipped file; `vitest -u` writes it again", async () => {
  const text = readFileSync(new URL("../schema/sluice.cedarschema", import.meta.url), "utf8");
  const source = `/** sluice.cedarschema, embedded so that no reader needs a file system. Written by schema-text.test.ts. */\nexport const schemaText = \`${text.replaceAll(/[\\`$]/g, "\\$&")}\`;\n`;
  await expect(source).toMatchFileSnapshot("schema-text.ts");
  expect(schemaText).toBe(text);
});

test("the engine's actions and their groups are the schema's", () => {
  const answer = cedar.schemaToJson(schemaText);
  if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
  const actions = Object.entries(answer.json[""]?.actions ?? {}).map(([id, { memberOf }]) => [
    id,
    (memberOf ?? []).map((group) => group.id).sort(),
  ]);
  const known = sluiceActions().map(({ uid, parents }) => [uid.id, parents.map(({ id }) => id).sort()]);
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(actions));
});
