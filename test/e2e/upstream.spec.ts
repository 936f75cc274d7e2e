import { expect } from "@playwright/test";
import { expectAccessible, runningStack, signIn, takePictures, test } from "./console.ts";

const { file } = runningStack();

test("hosts and the pool of a resource are changed where the resource is shown, and take effect", async ({ page }) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/resources`);
  await page.getByRole("link", { name: "shop" }).click();
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Change the upstream" });
  const hosts = dialog.getByLabel("Hosts", { exact: true });
  const listed = await hosts.inputValue();
  await hosts.fill(`${listed}\nnot a host!`);
  await expect(dialog.getByText("host! is not host:port")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Save" })).toBeDisabled();
  await hosts.fill(`${listed}\ndb2.internal:5433`);
  await dialog.getByLabel("Sessions use").selectOption("read-write");
  await dialog.getByLabel("Seconds for each host").fill("2.5");
  await dialog.getByLabel("Reuse connections for the same identity").check();
  await expectAccessible(page);
  await takePictures(page, "upstream-dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const shown = page.getByRole("list", { name: "Hosts" });
  await expect(shown).toContainText("db2.internal:5433");
  await expect(page.getByText("hosts that take writes")).toBeVisible();
  await expect(page.getByText("reused for one identity", { exact: false })).toBeVisible();
  await page.reload();
  await expect(shown).toContainText("db2.internal:5433");
  await page.getByRole("button", { name: "Change", exact: true }).click();
  await hosts.fill(listed);
  await dialog.getByLabel("Sessions use").selectOption("any");
  await dialog.getByLabel("Reuse connections for the same identity").uncheck();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
});

test("whoever chooses how a data class is hidden sees what clients will see", async ({ page }) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/resources`);
  await page.getByRole("link", { name: "shop" }).click();
  await page.getByRole("button", { name: "Change how card is hidden" }).click();
  const dialog = page.getByRole("dialog", { name: "Change how card is hidden" });
  await expect(dialog.getByText("**** **** **** 1111")).toBeVisible();
  await dialog.getByLabel("How it is hidden").selectOption("format");
  await expect(dialog.getByText("4643 4542 6384 1805")).toBeVisible();
  await expectAccessible(page);
  await takePictures(page, "data-class-dialog");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
});

test("an admin vouches for an identity provider that does not say that it verified an address", async ({ page }) => {
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/settings`);
  const vouch = page.getByLabel("This provider verifies e-mail addresses", { exact: false });
  await expect(vouch).not.toBeChecked();
  const saved = () => page.waitForResponse((response) => response.url().includes("identityConnection.update"));
  await Promise.all([saved(), vouch.check()]);
  await page.reload();
  await expect(vouch).toBeChecked();
  await Promise.all([saved(), vouch.uncheck()]);
  await page.reload();
  await expect(vouch).not.toBeChecked();
});
