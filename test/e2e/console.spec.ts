import { expect } from "@playwright/test";
import { psql, runPsql } from "../system/psql.ts";
import { expectAccessible, runningStack, signIn, takePictures, test } from "./console.ts";

const { file } = runningStack();
const urlOf = (who: string) => file.resources["shop"]?.urls[who] ?? "";

test("the sign-in page leads to the org's own provider, and a wrong password stays there", async ({ page }) => {
  await page.goto(file.consoleUrl);
  await expect(page).toHaveURL(/sign-in/);
  await expectAccessible(page);
  await takePictures(page, "sign-in");
  await page.getByRole("button", { name: /Continue with/ }).click();
  await page.getByLabel("E-mail").fill("cy@acme.test");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("do not go together");
});

const places = [
  ["overview", "/"],
  ["live", "/live"],
  ["approvals", "/approvals"],
  ["access", "/access"],
  ["resources", "/resources"],
  ["enforcers", "/enforcers"],
  ["policies", "/policies"],
  ["versions", "/policies/versions"],
  ["identities", "/identities"],
  ["audit", "/audit"],
  ["settings", "/settings"],
] as const;

test("cy sees every place of the console, and axe finds nothing wrong in either theme", async ({ page }) => {
  test.setTimeout(240_000);
  await runPsql(urlOf("ana"), "SELECT id, name, email FROM customers LIMIT 3");
  await runPsql(urlOf("ana"), "DELETE FROM customers");
  await signIn(page, "cy");
  for (const [name, path] of places) {
    await page.goto(`${file.consoleUrl}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    for (const theme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await expectAccessible(page);
    }
    await takePictures(page, name);
  }
});

test("cy sees the resource shop with its classes, and the enforcer with its applied bundle", async ({ page }) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/resources`);
  await page.getByRole("link", { name: /shop/ }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("shop");
  await expect(page.getByText("customers").first()).toBeVisible();
  await expectAccessible(page);
  await takePictures(page, "resource-shop");
  await page.goto(`${file.consoleUrl}/enforcers`);
  await page
    .getByRole("link", { name: /main-1/ })
    .first()
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("main-1");
  await expectAccessible(page);
  await takePictures(page, "enforcer");
});

test("a refused statement appears live without reloading, and its detail explains the verdict", async ({ page }) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/live`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const mark = `live_${Date.now()}`;
  await runPsql(urlOf("ana"), `DELETE FROM customers /* ${mark} */`);
  const line = page.getByText(mark).first();
  await expect(line).toBeVisible({ timeout: 10_000 });
  await page.goto(`${file.consoleUrl}/audit?text=${mark}`);
  await page.getByRole("link").filter({ hasText: mark }).first().click();
  await expect(page).toHaveURL(/\/audit\/[0-9a-f-]{36}/);
  await expect(page.getByText("DELETE FROM customers").first()).toBeVisible();
  await expect(page.getByText(/forbid/).first()).toBeVisible();
  await expectAccessible(page);
  await takePictures(page, "audit-detail");
});

test("bo approves ana's waiting UPDATE in the console, and her psql prints UPDATE 1", async ({ page }) => {
  await signIn(page, "bo");
  await page.goto(`${file.consoleUrl}/approvals`);
  const run = psql(urlOf("ana"), "UPDATE customers SET city = 'Lyon' WHERE id = 21");
  await run.until(/approvals\//);
  await page.getByRole("link").filter({ hasText: "'Lyon' WHERE id = 21" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("ana wants to run");
  await expectAccessible(page);
  await takePictures(page, "approval");
  await page.getByLabel("Reason").filter({ visible: true }).fill("the customer moved");
  await page.getByRole("button", { name: "Approve", exact: true }).filter({ visible: true }).click();
  expect((await run.ended()).output).toContain("UPDATE 1");
  await expect(page.getByText("Approved").first()).toBeVisible();
});

test("ana finds no way to approve her own statement", async ({ page }) => {
  await signIn(page, "ana");
  const run = psql(urlOf("ana"), "UPDATE customers SET city = 'Mine' WHERE id = 22");
  const [link] = await run.until(/http:\/\/localhost:\d+\/\S*approvals\/[0-9a-f-]{36}/);
  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("ana wants to run");
  await expect(page.getByRole("button", { name: "Approve", exact: true })).toHaveCount(0);
  run.interrupt();
  await run.ended();
});
