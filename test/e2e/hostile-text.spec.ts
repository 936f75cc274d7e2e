import { expect, type Page } from "@playwright/test";
import { z } from "zod";
import { decide, waitingApproval } from "../system/api.ts";
import { psql, runPsql } from "../system/psql.ts";
import { runningStack, signIn, test } from "./console.ts";

const { file } = runningStack();
const urlOf = (who: string) => file.resources["shop"]?.urls[who] ?? "";
const mark = `hostile${Date.now()}`;
/** Everything that once ran in somebody's page; each would set `ran`. */
const markup = [
  "<script>window.ran=1</script>",
  "<img src=x onerror=window.ran=1>",
  "<svg/onload=window.ran=1>",
  "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
  "<a href=javascript:window.ran=1 autofocus onfocus=window.ran=1>x</a>",
  "</code></pre><style>*{display:none}</style>",
  "{{constructor.constructor('window.ran=1')()}}",
].join(" ");
const turned = "\u202Etxet\u2066\u200B";
const hostile = `${mark} ${markup} ${turned}`;

const answered = <S extends z.ZodType>(data: S) => z.object({ result: z.object({ data }) });
const currentSchema = answered(z.object({ sets: z.record(z.string(), z.string()), version: z.number() }));
const savedSchema = answered(z.object({ number: z.number() }));

// In the page; texts, as this room knows no DOM.
const RAN = `"ran" in window`;
const INJECT = `(async () => {
  const stopped = [];
  document.addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
  const into = document.body.appendChild(document.createElement("div"));
  into.innerHTML = [
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1></svg>",
    "<a id=link href=javascript:window.ran=1>x</a>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<base href=https://elsewhere.example/>",
    "<form id=form action=https://elsewhere.example/ method=post></form>",
    "<object data=data:text/html,x></object>",
  ].join("");
  into.querySelector("#link").click();
  into.querySelector("#form").submit();
  await fetch("https://elsewhere.example/").catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return { ran: ${RAN}, stopped, base: document.baseURI };
})()`;
const outcomeSchema = z.object({ ran: z.boolean(), stopped: z.array(z.string()), base: z.string() });

/** Whether the page shows the text as text: nothing of it ran, and no element was made of it. */
async function expectHarmless(page: Page, path: string): Promise<void> {
  await page.goto(`${file.consoleUrl}${path}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.waitForLoadState("load");
  expect(await page.evaluate(RAN), path).toBe(false);
  const made = "img[src=x], iframe, svg[onload], [onerror], [onfocus], a[href^='javascript']";
  expect(await page.locator(made).count(), path).toBe(0);
}

async function postAs(page: Page, path: string, data: unknown): Promise<number> {
  const headers = { origin: file.consoleUrl };
  return (await page.request.post(`${file.consoleUrl}/api/trpc/${path}`, { headers, data })).status();
}

test("what clients, agents and approvers write is shown as text wherever the console shows it", async ({ page }) => {
  test.setTimeout(180_000);
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const named = new URL(urlOf("ana"));
  named.searchParams.set("application_name", markup.slice(0, 60));
  await runPsql(named.href, `DELETE FROM customers /* ${hostile} */`);
  await runPsql(urlOf("ana"), `SELECT 1 AS "${markup.slice(0, 60)}"`);
  const held = psql(urlOf("ana"), `UPDATE customers SET city = '${hostile.replaceAll("'", "''")}' WHERE id = 4`);
  const approval = await waitingApproval(file, "bo", mark);

  await signIn(page, "bo");
  await expectHarmless(page, "/approvals");
  await expectHarmless(page, `/approvals/${approval.id}`);
  const statement = page.getByRole("figure", { name: "Statement" });
  await expect(statement).toContainText("<script>window.ran=1</script>");
  for (const code of ["U+202E", "U+2066", "U+200B"]) await expect(statement).toContainText(code);
  expect(await statement.innerText()).not.toMatch(/[\u202E\u2066\u200B]/);
  expect(await decide(file, "bo", approval, { approved: false, reason: hostile })).toMatchObject({ status: 200 });
  await held.ended();
  await expectHarmless(page, `/approvals/${approval.id}`);
  await expectHarmless(page, "/approvals?view=decided");
  await page.context().clearCookies();

  await signIn(page, "cy");
  await expectHarmless(page, "/");
  await expectHarmless(page, "/live");
  await expectHarmless(page, `/audit?text=${mark}`);
  await page.getByRole("link").filter({ hasText: mark }).first().click();
  await expect(page).toHaveURL(/\/audit\/[0-9a-f-]{36}/);
  await expectHarmless(page, new URL(page.url()).pathname);
  await expect(page.getByRole("figure", { name: "Statement" })).toContainText("U+202E");
  expect(dialogs).toEqual([]);
});

test("names, notes and policy texts that an admin writes are shown as text", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, "cy");
  const handle = `bot-${Date.now()}`;
  expect(
    await postAs(page, "identities.addAgent", { handle, name: hostile.slice(0, 200), model: markup.slice(0, 190) }),
  ).toBe(200);
  await expectHarmless(page, "/identities");
  const current = await page.request.get(`${file.consoleUrl}/api/trpc/policies.current`);
  const { sets, version } = currentSchema.parse(await current.json()).result.data;
  const changed = { ...sets, access: `${sets.access}\n// ${hostile}\n` };
  const saved = await page.request.post(`${file.consoleUrl}/api/trpc/policies.drafts.save`, {
    headers: { origin: file.consoleUrl },
    data: { sets: changed, baseVersion: version, note: hostile.slice(0, 400) },
  });
  expect(saved.status(), await saved.text()).toBe(200);
  const { number } = savedSchema.parse(await saved.json()).result.data;
  await expectHarmless(page, "/policies/drafts");
  await expectHarmless(page, `/policies/drafts/${number}`);
  await expect(page.getByText("U+202E").first()).toBeVisible();
  await expectHarmless(page, `/policies?draft=${number}`);
  expect(await postAs(page, "policies.drafts.discard", { number })).toBe(200);
});

test("the content policy stops markup that did get into a page", async ({ page }) => {
  await signIn(page, "cy");
  const outcome = outcomeSchema.parse(await page.evaluate(INJECT));
  expect(outcome.ran).toBe(false);
  expect(new URL(outcome.base).origin).toBe(new URL(file.consoleUrl).origin);
  const directives = ["script-src-attr", "script-src-elem", "connect-src", "form-action", "base-uri"];
  expect(outcome.stopped).toEqual(expect.arrayContaining(directives));
});
