import { expect, type Locator, type Page } from "@playwright/test";
import pg from "pg";
import { expectAccessible, runningStack, signIn, takePictures, test } from "./console.ts";

const { file } = runningStack();
// Each walks a whole way, with pictures and axe: within 40 s on a quiet machine, longer where everything else runs too.
test.describe.configure({ timeout: 150_000 });
/** More than one person may flip alone. */
const FLIPS = 110;

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

test("a change that flips many recorded decisions shows them, waits for a second person, and is published by bo alone", async ({
  browser,
  page,
}) => {
  const client = new pg.Client({ connectionString: file.resources["shop"]?.urls["bo"] });
  await client.connect();
  for (let id = 1; id <= FLIPS; id += 1) await client.query(`SELECT total FROM orders WHERE id = ${id}`);
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  const rule = '\n\n@id("no-orders")\nforbid (principal, action, resource == Table::"shop/public.orders");\n';
  await typeAtEnd(page, page.getByRole("textbox", { name: "guardrails policies" }), rule);
  await expect(page.getByRole("status").filter({ hasText: "Valid Cedar" })).toBeVisible();
  const dialog = await impactOfAll(page);
  await expect(dialog.getByRole("button", { name: /^[\d,]+ Allowed to Refused/ })).toBeVisible();
  await expect(dialog.getByRole("list", { name: "Flips by policy" })).toContainText("no-orders");
  await dialog.getByRole("tab", { name: /By principal/ }).click();
  await expect(dialog.getByRole("list", { name: "Flips by principal" })).toContainText("bo");
  await expect(dialog.getByRole("region", { name: "Examples" })).toContainText("SELECT total FROM orders");
  await expect(dialog.getByText("This needs a second person")).toBeVisible();
  await dialog.getByLabel("What changes, and why").fill("Orders are not for everyone");
  await takePictures(page, "policy-impact");
  await expectAccessible(page);
  await expect(dialog.getByRole("button", { name: /^Publish version/ })).toHaveCount(0);
  await dialog.getByRole("button", { name: "Ask for a second person" }).press("Enter");
  await page.waitForURL(/\/policies\/requests\//);
  await expect(page.getByRole("heading", { name: "You asked for this" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Publish it" })).toHaveCount(0);
  expect((await client.query("SELECT 1 AS one FROM orders LIMIT 1")).rows).toEqual([{ one: 1 }]);
  const boPage = await (await browser.newContext()).newPage();
  await signIn(boPage, "bo");
  await boPage.goto(`${file.consoleUrl}/approvals`);
  await boPage.getByRole("link", { name: "Review" }).click();
  await expect(boPage.getByRole("heading", { name: /^cy wants to publish over version \d+/ })).toBeVisible();
  await takePictures(boPage, "policy-request");
  await expectAccessible(boPage);
  await boPage.getByRole("button", { name: "Publish it" }).click();
  await expect(boPage.getByText(/^Published as version \d+ by bo$/)).toBeVisible();
  expect(await refusedQuery(client, Date.now() + 10_000, "SELECT total FROM orders WHERE id = 1")).toContain(
    "no-orders",
  );
  await client.end();
});

/** Opens the publish screen once the newest records have arrived, and waits for what it finds. */
async function impactOfAll(page: Page): Promise<Locator> {
  const dialog = page.getByRole("dialog");
  await expect(async () => {
    await page.getByRole("button", { name: "Publish…" }).click();
    await expect(dialog.getByText(/replayed exchanges would end otherwise/)).toBeVisible({ timeout: 5_000 });
    const needs = await dialog.getByText("This needs a second person").isVisible();
    if (!needs) await dialog.getByRole("button", { name: "Cancel", exact: true }).click();
    expect(needs).toBe(true);
  }).toPass({ timeout: 30_000 });
  return dialog;
}

test("a quiet time is said to be one, and the publish rule goes by the week all the same", async ({ page }) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  const rule = '\n\n@id("quiet")\nforbid (principal == User::"nobody", action, resource);\n';
  await typeAtEnd(page, page.getByRole("textbox", { name: "guardrails policies" }), rule);
  await expect(page.getByRole("status").filter({ hasText: "Valid Cedar" })).toBeVisible();
  await page.getByRole("button", { name: "Publish…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/None of [\d,]+ replayed exchanges would end otherwise/)).toBeVisible();
  await dialog.getByLabel("Recorded time to replay").selectOption("custom");
  await dialog.getByLabel("From", { exact: true }).fill("2020-01-01T00:00");
  await dialog.getByLabel("To", { exact: true }).fill("2020-01-02T00:00");
  await dialog.getByRole("button", { name: "Replay" }).click();
  await expect(dialog.getByText("Nothing was recorded in this time")).toBeVisible();
  await takePictures(page, "policy-impact-empty");
  await expectAccessible(page);
  await expect(dialog.getByRole("button", { name: /^Publish version/ })).toBeEnabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("the editor completes from the schema, formats on save, and runs the tests against the text", async ({ page }) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  const editor = page.getByRole("textbox", { name: "guardrails policies" });
  await typeAtEnd(
    page,
    editor,
    '\n@id("x") forbid(principal,action in Action::"sql.write",resource) when { context.sq',
  );
  await page.keyboard.press("Control+Space");
  await page.keyboard.type("l.unb");
  await page.getByRole("option", { name: "context.sql.unbounded" }).click();
  await page.keyboard.insertText(" };");
  await expect(page.getByRole("status").filter({ hasText: "Valid Cedar" })).toBeVisible();
  await page.keyboard.press("ControlOrMeta+s");
  await expect(editor).toContainText('action in Action::"sql.write",');
  await page.getByRole("tab", { name: "Tests" }).click();
  await expect(page.getByText(/tests pass|No tests yet/).first()).toBeVisible();
  await takePictures(page, "policy-tests");
  await expectAccessible(page);
});

async function refusedQuery(
  client: pg.Client,
  deadlineMs: number,
  statement = "SELECT count(*) FROM products",
): Promise<string> {
  while (Date.now() < deadlineMs) {
    try {
      await client.query(statement);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  return "it was never refused";
}
