import { expect, type Locator, type Page } from "@playwright/test";
import pg from "pg";
import { expectAccessible, runningStack, signIn, takePictures, test } from "./console.ts";

const { file } = runningStack();

/** Puts the cursor at the end of the editor's text and types. */
async function typeAtEnd(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText(text);
}

test("cy's mistake is shown in place and cannot be published; mended, it is enforced within 2 s on an open connection", async ({
  page,
}) => {
  const client = new pg.Client({ connectionString: file.resources["shop"]?.urls["bo"] });
  await client.connect();
  await client.query("SELECT count(*) FROM products");
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  const editor = page.getByRole("textbox", { name: "guardrails policies" });
  await typeAtEnd(
    page,
    editor,
    '\n\n@id("no-products")\nforbid (principal, action, resource) when { context.sql.nonsense };\n',
  );
  await expect(page.getByRole("list", { name: "Problems" })).toContainText(/nonsense/);
  await expect(page.getByRole("button", { name: "Publish…" })).toBeDisabled();
  await takePictures(page, "policy-error");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Discard" }).click();
  const rule = '\n\n@id("no-products")\nforbid (principal, action, resource == Table::"shop/public.products");\n';
  await typeAtEnd(page, editor, rule);
  await expect(page.getByRole("status").filter({ hasText: "Valid Cedar" })).toBeVisible();
  await page.getByRole("button", { name: "Publish…" }).click();
  await page.getByLabel("What changes, and why").fill("Products are not for everyone");
  await takePictures(page, "policy-publish");
  await page.getByRole("button", { name: /^Publish version/ }).click();
  await expect(page.getByText(/^Version \d+ published$/)).toBeVisible();
  const published = Date.now();
  const refusal = await refusedQuery(client, published + 10_000);
  expect(refusal).toContain("no-products");
  expect(Date.now() - published).toBeLessThan(2_000);
  expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await client.end();
});

async function refusedQuery(client: pg.Client, deadlineMs: number): Promise<string> {
  while (Date.now() < deadlineMs) {
    try {
      await client.query("SELECT count(*) FROM products");
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return "it was never refused";
}
