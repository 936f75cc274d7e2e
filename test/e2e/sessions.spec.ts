import { createServer, type Server } from "node:http";
import { expect, type Page } from "@playwright/test";
import { z } from "zod";
import { runningStack, signIn, test } from "./console.ts";

const { file } = runningStack();
const origin = new URL(file.consoleUrl).origin;
const SESSION = "sluice.session";

const csrfSchema = z.object({ csrfToken: z.string() });
const urlSchema = z.object({ url: z.string() });

const sessionOf = async (page: Page) => (await page.context().cookies()).find(({ name }) => name === SESSION);

/** What a request with this session cookie and no other proof is answered. */
async function asSession(token: string): Promise<number> {
  const response = await fetch(`${origin}/api/trpc/me`, { headers: { cookie: `${SESSION}=${token}` } });
  return response.status;
}

/** A page of somebody else on the same site (another port of localhost), which browsers send our cookies from. */
async function openNeighbour(html: string): Promise<{ url: string; server: Server }> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://localhost:${address.port}/`, server };
}

// Sends the neighbour's forms, then what its scripts can send; says what it could read. A text, as this room knows no DOM.
const ATTACK = `(async () => {
  for (const form of document.querySelectorAll("form")) form.submit();
  const post = { method: "POST", credentials: "include", mode: "no-cors", body: '{"name":"taken over"}' };
  await fetch("${origin}/api/trpc/settings.update", post).catch(() => undefined);
  await fetch("${origin}/api/auth/signout", post).catch(() => undefined);
  const answer = fetch("${origin}/api/trpc/me", { credentials: "include" });
  const text = await answer.then((response) => response.text()).catch(() => "not readable");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return text;
})()`;

test("signing in begins a session of its own, whatever cookie was there before", async ({ page }) => {
  const planted = "A".repeat(43);
  await page.context().addCookies([{ name: SESSION, value: planted, url: origin }]);
  await signIn(page, "ana");
  const session = await sessionOf(page);
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/", domain: "localhost" });
  expect(session?.value).toMatch(/^[\w-]{43}$/);
  expect(session?.value).not.toBe(planted);
  expect(await asSession(planted)).toBe(401);
  expect(await asSession(session?.value ?? "")).toBe(200);
  expect(await page.evaluate("document.cookie")).not.toContain(SESSION);
});

test("signing in over somebody's session takes nothing of it over", async ({ page }) => {
  await signIn(page, "ana");
  const first = await sessionOf(page);
  const provider = (await page.context().cookies()).filter(({ name }) => name !== SESSION).map(({ name }) => name);
  for (const name of provider) await page.context().clearCookies({ name });
  await page.goto(`${origin}/sign-in?error=other`);
  await page.getByRole("button", { name: /Continue with/ }).click();
  await page.getByLabel("E-mail").fill(file.people["bo"]?.email ?? "");
  await page.getByLabel("Password").fill(file.people["bo"]?.password ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${origin}/`);
  const second = await sessionOf(page);
  expect(second?.value).not.toBe(first?.value);
  const me = await page.request.get(`${origin}/api/trpc/me`);
  expect(await me.text()).toContain('"bo"');
});

test("signing out ends the session on the server, on every page that has it", async ({ page }) => {
  await signIn(page, "ana");
  const token = (await sessionOf(page))?.value ?? "";
  await page.getByRole("button", { name: /ana/ }).first().click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/sign-in/);
  expect(await asSession(token)).toBe(401);
  await page.context().addCookies([{ name: SESSION, value: token, url: origin }]);
  await page.goto(`${origin}/audit`);
  await expect(page).toHaveURL(/sign-in/);
});

test("no address given to sign-in leads elsewhere", async ({ page }) => {
  test.setTimeout(120_000);
  const elsewhere = [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/.//elsewhere.example",
  ];
  const odd = [
    "javascript:alert(1)",
    "data:text/html,x",
    `${origin}@elsewhere.example/`,
    `${origin}.elsewhere.example/`,
  ];
  const { csrfToken } = csrfSchema.parse(await (await page.request.get(`${origin}/api/auth/csrf`)).json());
  for (const callbackUrl of [...elsewhere, ...odd]) {
    const form = { csrfToken, callbackUrl, json: "true" };
    await page.request.post(`${origin}/api/auth/signin/oidc`, { form });
    const kept = (await page.context().cookies()).find(({ name }) => name.endsWith("next-auth.callback-url"));
    expect(new URL(decodeURIComponent(kept?.value ?? "")).origin, callbackUrl).toBe(origin);
    const out = await page.request.post(`${origin}/api/auth/signout`, { form });
    expect(new URL(urlSchema.parse(await out.json()).url, origin).origin, callbackUrl).toBe(origin);
  }
  await signIn(page, "ana");
  for (const callbackUrl of [...elsewhere, ...odd]) {
    await page.goto(`${origin}/sign-in?callbackUrl=${encodeURIComponent(callbackUrl)}`);
    expect(new URL(page.url()).origin, callbackUrl).toBe(origin);
  }
});

test("a page of another origin on the same site changes nothing, ends nothing, reads nothing and frames nothing", async ({
  page,
}) => {
  await signIn(page, "cy");
  const token = (await sessionOf(page))?.value ?? "";
  const input = '{"name":"taken over","x":"="}';
  const { server, url } = await openNeighbour(`<!doctype html>
    <form id="plain" method="post" enctype="text/plain" target="out" action="${origin}/api/trpc/settings.update">
      <input name='{"name":"taken over","x":"' value='"}'></form>
    <form id="batch" method="post" target="out2" action="${origin}/api/trpc/settings.update?batch=1"><input name="0" value='${input}'></form>
    <form id="rest" method="post" enctype="text/plain" target="out3" action="${origin}/api/v1/identities/members"><input name="{}" value=""></form>
    <form id="leave" method="post" target="out4" action="${origin}/api/auth/signout"><input name="csrfToken" value="guess"></form>
    <iframe name="out"></iframe><iframe name="out2"></iframe><iframe name="out3"></iframe><iframe name="out4"></iframe>
    <iframe id="frame" src="${origin}/settings"></iframe>`);
  try {
    const answers = new Map<string, number>();
    page.on("response", (response) => {
      if (response.request().method() === "POST") answers.set(new URL(response.url()).pathname, response.status());
    });
    await page.goto(url);
    const read = await page.evaluate(ATTACK);
    expect(read).toBe("not readable");
    expect(answers.get("/api/trpc/settings.update")).toBe(403);
    const framed = page.frames().filter((frame) => frame.url().startsWith(origin) && !frame.url().includes("/api/"));
    for (const frame of framed) expect(await frame.locator("h1").count()).toBe(0);
    expect(await asSession(token)).toBe(200);
    const settings = await page.request.get(`${origin}/api/trpc/settings.get`);
    expect(await settings.text()).not.toContain("taken over");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("every answer says that it is not to be framed, sniffed or kept", async ({ request }) => {
  const pages = ["/sign-in", "/nothing", "/api/nothing", "/icon.svgx", "/api/auth/verify-request", "/api/auth/csrf"];
  const answers = ["/api/trpc/me", "/api/trpc/nothing", "/api/v1/me", "/api/v1/nothing"];
  for (const path of [...pages, ...answers]) {
    const headers = (await request.get(`${origin}${path}`, { maxRedirects: 0 })).headers();
    expect(headers["content-security-policy"], path).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"], path).not.toMatch(/script-src[^;]*'unsafe|script-src[^;]*\*/);
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["cache-control"], path).toContain("no-store");
  }
});
