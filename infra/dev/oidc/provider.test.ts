import { createHash, randomBytes } from "node:crypto";
import type { Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { freePort } from "../ports.ts";
import { createOidcServer } from "./provider.ts";
import { newOidcKeys } from "./settings.ts";

const redirectUri = "http://localhost:9/api/auth/callback/oidc";
const cy = {
  handle: "cy",
  name: "Cy Moreau",
  email: "cy@acme.test",
  password: "a good password",
  title: "admin",
  groups: ["admins"],
};
let server: Server;
let issuer: string;

beforeAll(async () => {
  const port = await freePort();
  issuer = `http://localhost:${port}`;
  const client = { id: "console", secret: "client secret", redirectUris: [redirectUri], logoutUris: [] };
  server = createOidcServer({ issuer, port, ...newOidcKeys(), client, people: [cy] });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A browser that follows redirects within the provider and keeps its cookies. */
function browser() {
  const jar = new Map<string, string>();
  return async (url: string, init: RequestInit = {}): Promise<Response> => {
    let response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { cookie: cookies(jar) },
    });
    for (;;) {
      for (const line of response.headers.getSetCookie()) jar.set(...pair(line));
      const location = response.headers.get("location");
      if (!location || location.startsWith(redirectUri)) return response;
      response = await fetch(new URL(location, issuer), { redirect: "manual", headers: { cookie: cookies(jar) } });
    }
  };
}

function cookies(jar: Map<string, string>): string {
  return Array.from(jar, ([name, value]) => `${name}=${value}`).join("; ");
}

function pair(line: string): [string, string] {
  const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
  return [name, value];
}

function authorizeUrl(extra: Record<string, string>): string {
  const query = {
    client_id: "console",
    response_type: "code",
    scope: "openid email profile groups",
    redirect_uri: redirectUri,
  };
  return `${issuer}/auth?${new URLSearchParams({ ...query, ...extra }).toString()}`;
}

function signIn(visit: ReturnType<typeof browser>, page: string, password: string): Promise<Response> {
  const action = /action="([^"]+)"/.exec(page)?.[1] ?? "";
  return visit(new URL(action, issuer).href, {
    method: "POST",
    body: new URLSearchParams({ login: cy.email, password }),
  });
}

test("a person signs in with the right password only, and the console learns e-mail, name and groups", async () => {
  const visit = browser();
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const page = await visit(authorizeUrl({ code_challenge: challenge, code_challenge_method: "S256", state: "s" }));
  const html = await page.text();
  expect(html).toContain("Acme sign-in");
  const refused = await signIn(visit, html, "wrong");
  expect(refused.status).toBe(401);
  expect(await refused.text()).toContain("do not go together");
  const landed = await signIn(visit, html, cy.password);
  const code = new URL(landed.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
  const answer = await fetch(`${issuer}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("console:client+secret")}` },
    body: new URLSearchParams(grant),
  });
  const tokens = z.object({ id_token: z.string() }).parse(await answer.json());
  const claims = JSON.parse(Buffer.from(tokens.id_token.split(".")[1] ?? "", "base64url").toString());
  expect(claims).toMatchObject({
    iss: issuer,
    aud: "console",
    sub: "cy",
    email: cy.email,
    name: cy.name,
    groups: ["admins"],
  });
});

test("an authorization request without PKCE is refused", async () => {
  const response = await browser()(authorizeUrl({ state: "s" }));
  expect(response.headers.get("location")).toContain("error=invalid_request");
});
