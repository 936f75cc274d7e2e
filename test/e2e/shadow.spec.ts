import { expect } from "@playwright/test";
import pg from "pg";
import { expectAccessible, runningStack, signIn, takePictures, test } from "./console.ts";

const { file } = runningStack();

test("cy runs a candidate in shadow from the editor, sees live what would change, follows an example, and stops it", async ({
  page,
}) => {
  test.slow(); // it compiles a candidate, waits for reports and goes through five pages
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies`);
  const editor = page.getByRole("textbox", { name: "guardrails policies" });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  const rule = '\n\n@id("no-customers")\nforbid (principal, action, resource == Table::"shop/public.customers");\n';
  await page.keyboard.insertText(rule);
  await page.getByRole("button", { name: "Run in shadow…" }).click();
  await page.getByLabel("What it tries").fill("Nobody reads customers");
  await takePictures(page, "shadow-start");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Shadow run");
  const enforcers = page.getByRole("region", { name: "Enforcers of this run" });
  await expect(enforcers.getByText("Running")).toBeVisible({ timeout: 20_000 });
  const client = new pg.Client({ connectionString: file.resources["shop"]?.urls["ana"] });
  await client.connect();
  const { rows } = await client.query("SELECT city FROM customers WHERE id = 7");
  expect(rows).toHaveLength(1);
  await client.end();
  await expect(page.getByText(/exchanges would be answered differently/)).toBeVisible({ timeout: 20_000 });
  const flips = page.getByRole("region", { name: "What would change, policy by policy" });
  await expect(flips.getByText("no-customers")).toBeVisible();
  await expect(flips.getByText("allowed → refused")).toBeVisible();
  await expectAccessible(page);
  await takePictures(page, "shadow-run");
  await page.getByRole("tab", { name: "By principal" }).click();
  await expect(page).toHaveURL(/by=principal/);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Stop the run" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Stopped");
  await page
    .getByRole("region", { name: "What would change, principal by principal" })
    .getByRole("link")
    .first()
    .click();
  await expect(page).toHaveURL(/\/audit\//);
  await expect(page.getByText("FROM customers WHERE id = 7").first()).toBeVisible();
  await page.goBack();
  await page.getByRole("link", { name: "Open in the editor" }).click();
  await expect(page.getByText("no-customers").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Publish…" })).toBeEnabled();
  await page.goto(`${file.consoleUrl}/policies/shadow`);
  await expect(page.getByText("Nobody reads customers").first()).toBeVisible();
  await expectAccessible(page);
  await takePictures(page, "shadow-runs");
});
