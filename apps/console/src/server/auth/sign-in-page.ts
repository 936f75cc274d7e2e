import { cookies, headers } from "next/headers";
import { contextOf } from "../request.ts";
import { web } from "../web.ts";
import { readConnections } from "./connections.ts";

/** What the sign-in page shows. */
export interface SignInPage {
  /** undefined when the host names no org */
  readonly org: { readonly slug: string; readonly name: string } | undefined;
  readonly signedIn: boolean;
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  /** why the last attempt failed and what to do, when it did */
  readonly problem: string | undefined;
  /** where people of the default org sign in, for those who came to a host that is not ours */
  readonly publicUrl: string;
}

/** Reads what the sign-in page shows; `error` is the code in its address. */
export async function readSignInPage(error: string | undefined): Promise<SignInPage> {
  const [head, jar] = await Promise.all([headers(), cookies()]);
  const site = web();
  const context = await contextOf(site, { header: (name) => head.get(name), cookie: (name) => jar.get(name)?.value });
  const connections = context.tenant ? await readConnections(context.tenant.data, site.deps.sealer) : [];
  return {
    org: context.tenant?.org,
    signedIn: context.session !== undefined,
    providers: connections.map(({ providerId, name }) => ({ id: providerId, name })),
    problem: error === undefined ? undefined : (problems[error] ?? problems.other),
    publicUrl: site.deps.publicUrl.origin,
  };
}

const problems: Readonly<Record<string, string>> & { readonly other: string } = {
  "signin.unknown_person":
    "Your identity provider knows you, but you are not a member here yet. Ask an admin to add your e-mail address under Identities.",
  "signin.locked": "Your access is locked. An admin of your organisation can lift it under Identities.",
  "signin.email_unverified":
    "Your identity provider does not say that it verified your e-mail address. Verify it there; if it never says so (Entra ID), an admin can vouch for it under Settings.",
  "signin.bad_claims":
    "Your identity provider did not send your e-mail address. An admin must allow the scopes openid, email and profile for Sluice there.",
  Configuration: "Sign-in is not set up correctly. An admin can test the connection under Settings.",
  OAuthSignin: "The identity provider could not be reached. Try again; if it stays so, tell an admin.",
  OAuthCallback:
    "The identity provider's answer could not be verified: it may have taken too long, or was begun in another window. Sign in again.",
  AccessDenied: "The identity provider refused. Try again, or tell an admin.",
  other: "Signing in did not work. Try again; if it stays so, tell an admin.",
};
