import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import Provider, { type Configuration } from "oidc-provider";
import { errorPage, loginPage } from "./login-page.ts";
import { findPerson, type OidcPerson, type OidcSettings } from "./settings.ts";

const formBytesMax = 4096;
const hour = 3600;

/** A real OpenID provider for development: authorization code with PKCE and a confidential client, as Okta or Entra ID have it. */
export function createOidcServer(settings: OidcSettings): Server {
  const provider = new Provider(settings.issuer, configuration(settings));
  provider.on("server_error", (_context, error) => console.error(`oidc.failed ${error.message}`));
  const callback = provider.callback();
  return createServer((request, response) => {
    const path = new URL(request.url ?? "/", settings.issuer).pathname;
    const handled = path.startsWith("/interaction/")
      ? answerInteraction(provider, settings, request, response)
      : callback(request, response);
    Promise.resolve(handled).catch((error: unknown) => {
      console.error(`oidc.request_failed ${error instanceof Error ? error.message : "unknown"}`);
      if (!response.headersSent)
        send(response, 400, errorPage("This sign-in has ended", "It took too long, or its cookie is gone."));
    });
  });
}

function configuration(settings: OidcSettings): Configuration {
  const { client, people } = settings;
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: client.redirectUris,
        post_logout_redirect_uris: client.logoutUris,
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    pkce: { required: () => true },
    scopes: ["openid", "profile", "email", "groups"],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username"],
      groups: ["groups"],
    },
    conformIdTokenClaims: false, // like Okta and Entra ID: the ID token carries the claims of the granted scopes
    cookies: { keys: [settings.cookieKey] },
    jwks: settings.jwks,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    ttl: {
      Session: 12 * hour,
      Interaction: hour,
      Grant: 12 * hour,
      AccessToken: hour,
      IdToken: hour,
      AuthorizationCode: 60,
    },
    findAccount: (_context, id) => accountOf(people.find(({ handle }) => handle === id)),
    // an enterprise application is consented to by its administrator, not by each person
    loadExistingGrant: async ({ oidc }) => {
      const { client: known, session, provider } = oidc;
      if (!known || !session?.accountId) return undefined;
      const grant = new provider.Grant({ accountId: session.accountId, clientId: known.clientId });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
    renderError: (context, out) => {
      context.type = "html";
      context.body = errorPage("Sign-in failed", `${out.error}: ${out.error_description ?? "no further detail"}`);
    },
  };
}

function accountOf(person: OidcPerson | undefined) {
  if (!person) return undefined;
  const { handle, email, name, groups } = person;
  return {
    accountId: handle,
    claims: () => ({ sub: handle, email, email_verified: true, name, preferred_username: handle, groups }),
  };
}

async function answerInteraction(
  provider: Provider,
  { people }: OidcSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response);
  const action = `/interaction/${uid}`;
  if (request.method !== "POST") return send(response, 200, loginPage({ action, people }));
  const form = new URLSearchParams(await bodyText(request));
  const login = form.get("login") ?? "";
  const person = findPerson(people, login, form.get("password") ?? "");
  if (!person)
    return send(
      response,
      401,
      loginPage({ action, people, login, error: "That e-mail and password do not go together." }),
    );
  await provider.interactionFinished(
    request,
    response,
    { login: { accountId: person.handle } },
    { mergeWithLastSubmission: false },
  );
}

async function bodyText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > formBytesMax) throw new Error("the form is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  response.end(html);
}
