import { expect } from "@playwright/test";
import { z } from "zod";
import { expectAccessible, runningStack, signIn, takePictures, test } from "./console.ts";

const { file } = runningStack();
const setsSchema = z.object({ guardrails: z.string(), access: z.string(), obligations: z.string() });
const versionSchema = z.object({ version: z.number() });

/** Publishes what is in force with a comment more, which flips nothing: somebody else did so before. */
async function publishComment(text: string): Promise<number> {
  const headers = { authorization: `Bearer ${file.people["cy"]?.apiToken ?? ""}`, "content-type": "application/json" };
  const now = await (await fetch(`${file.apiUrl}/policies`, { headers })).json();
  const current = versionSchema.extend({ sets: setsSchema }).parse(now);
  const guardrails = `// ${text}\n${current.sets.guardrails}`;
  const body = JSON.stringify({ sets: { ...current.sets, guardrails }, note: text, baseVersion: current.version });
  const answer = await fetch(`${file.apiUrl}/policies/publish`, { method: "POST", headers, body });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return versionSchema.parse(await answer.json()).version;
}

test("cy compares any two versions, unified and side by side, by a link that a colleague can open", async ({
  page,
}) => {
  const first = await publishComment("one comment");
  const second = await publishComment("two comments");
  await signIn(page, "cy");
  await page.goto(`${file.consoleUrl}/policies/versions`);
  const row = page.getByRole("row").filter({ hasText: "two comments" });
  await expect(row.getByText("in force").first()).toBeVisible();
  await expectAccessible(page);
  await takePictures(page, "versions");
  await page.getByRole("link", { name: "Compare two" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Version ${first} against ${second}`);
  await expect(page.getByText("None: only comments or the layout differ.")).toBeVisible();
  const lines = page.getByRole("region", { name: "Lines that differ in guardrails" });
  await expect(lines).toContainText("two comments");
  await page.getByLabel("From version").selectOption(String(first - 1));
  await expect(page).toHaveURL(new RegExp(`from=${first - 1}&to=${second}`));
  await expect(lines).toContainText("one comment");
  await page.getByLabel("Layout").selectOption("side-by-side");
  await expect(page).toHaveURL(/view=side-by-side/);
  await expect(lines).toContainText("two comments");
  await expectAccessible(page);
  await takePictures(page, "versions-compare");
});
