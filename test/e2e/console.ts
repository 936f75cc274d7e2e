import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { type UpFile, upFileSchema } from "@sluice/infra/dev/up-file";

const pictures = resolve(import.meta.dirname, "../../test-results/screenshots");

/** The running stack's up.json, and its directory. */
export function runningStack(): { file: UpFile; stateDir: string } {
  const stateDir = process.env["SLUICE_E2E_STATE"];
  if (!stateDir)
    throw new Error("SLUICE_E2E_STATE is not set: run the browser tests with `npm test -- --only browser`");
  return { stateDir, file: upFileSchema.parse(JSON.parse(readFileSync(join(stateDir, "up.json"), "utf8"))) };
}

/** A test fails when the page throws, or logs an error that the test did not expect. */
export const test = base.extend<{ quiet: undefined }>({
  quiet: [
    async ({ page }, use) => {
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(error.message));
      await use(undefined);
      expect(problems, "the page threw").toEqual([]);
    },
    { auto: true },
  ],
});

/** Signs a person in through the identity provider, from the first page to the overview. */
export async function signIn(page: Page, who: string): Promise<void> {
  const { file } = runningStack();
  const person = file.people[who];
  if (!person) throw new Error(`${who} is not in up.json`);
  await page.goto(file.consoleUrl);
  await page.getByRole("button", { name: /Continue with/ }).click();
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${file.consoleUrl}/`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** Fails on any violation of WCAG 2.2 A and AA that axe can see. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect(told, await page.title()).toEqual([]);
}

/** Pictures of a page in both themes, for people to look at: test-results/screenshots/<name>-<theme>.png. */
export async function takePictures(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.screenshot({ path: join(pictures, `${name}-${theme}.png`), animations: "disabled" });
  }
  await page.emulateMedia({ colorScheme: null });
}
