import { expect, type Page } from "@playwright/test";
import { expectAccessible, runningStack, signIn, takePictures, test } from "./console.ts";

const { file } = runningStack();
test.describe.configure({ timeout: 150_000 });

/** Puts a text in place of what the editor holds. */
async function write(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole("textbox", { name }).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

async function typeAtEnd(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole("textbox", { name }).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.insertText(text);
}

const rule = (id: string) => `\n\n@id("${id}")\nforbid (principal == User::"nobody", action, resource);\n`;

/** A test of the rule above, with the verdict that it expects. */
function suite(id: string, verdict: string): string {
  const who = { principal: 'User::"nobody"', action: "sql.read.select", resource: 'Table::"shop/public.customers"' };
  return JSON.stringify({ cases: [{ name: `nobody reads (${id})`, ...who, expect: { verdict } }] }, null, 2);
}

test("cy writes a policy with its test, keeps both as a draft, sees all of it, and publishes it by keyboard", async ({
  page,
}) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  await typeAtEnd(page, "guardrails policies", rule("no-nobody"));
  await expect(page.getByRole("status").filter({ hasText: "Valid Cedar" })).toBeVisible();
  await page.getByRole("tab", { name: "Tests" }).click();
  await page.getByRole("button", { name: "Write a test of no-nobody" }).first().click();
  const editor = "Tests in guardrails/no-nobody.policy-tests.json";
  await write(page, editor, '{ "cases": [ { "name": "half" } ] }');
  await expect(page.getByText(/cases\.0\..* No test of this file runs\./).first()).toBeVisible();
  await write(page, editor, suite("no-nobody", "allow"));
  await expect(page.getByText(/expected allow, got deny \(forbidden\)/).first()).toBeVisible();
  await takePictures(page, "policy-test-fails");
  await expectAccessible(page);
  await write(page, editor, suite("no-nobody", "deny"));
  await expect(page.getByRole("button", { name: /nobody reads \(no-nobody\)/ }).getByLabel("passed")).toBeVisible();
  await expect(page.getByRole("button", { name: "Write a test of no-nobody" })).toHaveCount(0);
  await page.getByRole("button", { name: "Save draft…" }).press("Enter");
  await page.getByLabel("What changes, and why").fill("Nobody is nobody");
  await page.getByRole("button", { name: "Save draft", exact: true }).press("Enter");
  await page.waitForURL(/\/policies\/drafts\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(/^Draft \d+/);
  await expect(page.getByText(/replayed exchanges would end otherwise|Nothing was recorded/)).toBeVisible();
  await expect(page.getByRole("list", { name: "Tests", exact: true })).toContainText("nobody reads (no-nobody)");
  await expect(page.getByRole("region", { name: "Lines that differ in guardrails", exact: true })).toContainText(
    "no-nobody",
  );
  await takePictures(page, "policy-draft");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Publish…" }).press("Enter");
  const publish = page.getByRole("dialog").getByRole("button", { name: /^Publish version/ });
  await expect(publish).toBeEnabled();
  await publish.press("Enter");
  await expect(page.getByText(/^Version \d+ published$/)).toBeVisible();
  await page.waitForURL(/\/policies\/versions\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("in force");
  await page.goto(`${file.consoleUrl}/policies/drafts`);
  await expect(page.getByRole("row").filter({ hasText: "Nobody is nobody" }).first()).toContainText(
    /published as v\d+/,
  );
});

test("a failing test stops the publish until an admin says why, which the version shows, and rolling back heals it", async ({
  page,
}) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  await page.getByRole("tab", { name: "Tests" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("menuitem", { name: "Tests of several policies" }).click();
  await write(page, "Tests in org.policy-tests.json", suite("wrong on purpose", "allow"));
  await expect(page.getByText(/expected allow, got deny/).first()).toBeVisible();
  await page.getByRole("button", { name: "Publish…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/1 of \d+ tests fail/).first()).toBeVisible();
  const publish = dialog.getByRole("button", { name: /although tests fail$/ });
  await expect(publish).toBeDisabled();
  await dialog.getByLabel("Why publish although tests fail").fill("The test is being written");
  await takePictures(page, "policy-override");
  await expectAccessible(page);
  await publish.click();
  await expect(page.getByText(/^Version \d+ published$/)).toBeVisible();
  await page.goto(`${file.consoleUrl}/policies/versions`);
  const [overridden, before] = await page.getByRole("link", { name: /^v\d+/ }).all();
  await overridden?.click();
  await expect(page.getByText("Published although 1 test failed")).toBeVisible();
  await expect(page.getByText("The test is being written")).toBeVisible();
  await page.goBack();
  await before?.click();
  await page.getByRole("button", { name: "Roll back to this" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Publish version \d+$/ })
    .click();
  await expect(page.getByText(/^Version \d+ published$/)).toBeVisible();
});

test("a draft that is not wanted is discarded, stays readable, and its author can go on with it in the editor", async ({
  page,
}) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  await typeAtEnd(page, "guardrails policies", rule("not-wanted"));
  await page.getByRole("button", { name: "Save draft…" }).click();
  await page.getByRole("button", { name: "Save draft", exact: true }).click();
  await page.getByRole("button", { name: "Discard…" }).press("Enter");
  await page.getByRole("button", { name: "Discard it" }).press("Enter");
  await expect(page.getByText("Discarded by cy")).toBeVisible();
  await expect(page.getByRole("button", { name: "Publish…" })).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Open in the editor" }).click();
  const editor = page.getByRole("textbox", { name: "guardrails policies" });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await expect(editor).toContainText("not-wanted");
  await page.goto(`${file.consoleUrl}/policies/drafts`);
  await takePictures(page, "policy-drafts");
  await expectAccessible(page);
});
