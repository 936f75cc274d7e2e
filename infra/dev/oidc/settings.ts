import { createHash, generateKeyPairSync, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** What the development identity provider is told, as a JSON file of mode 600. */
export const oidcSettingsSchema = z.object({
  issuer: z.url(),
  port: z.number().int().positive(),
  cookieKey: z.string().min(20),
  /** its signing keys, kept so that sign-ins survive a restart */
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }),
  client: z.object({
    id: z.string(),
    secret: z.string(),
    redirectUris: z.array(z.url()).min(1),
    logoutUris: z.array(z.url()),
  }),
  people: z.array(
    z.object({
      handle: z.string(),
      name: z.string(),
      email: z.email(),
      password: z.string().min(8),
      title: z.string(),
      groups: z.array(z.string()),
    }),
  ),
});

/** The parsed settings. */
export type OidcSettings = z.infer<typeof oidcSettingsSchema>;
/** Somebody who can sign in. */
export type OidcPerson = OidcSettings["people"][number];

/** Fresh keys for a provider that starts for the first time. */
export function newOidcKeys(): Pick<OidcSettings, "cookieKey" | "jwks"> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = (jwk: object, alg: string) => ({ ...jwk, use: "sig", alg, kid: randomBytes(8).toString("hex") });
  return {
    cookieKey: randomBytes(32).toString("base64url"),
    jwks: {
      keys: [
        key(rsa.privateKey.export({ format: "jwk" }), "RS256"),
        key(privateKey.export({ format: "jwk" }), "ES256"),
      ],
    },
  };
}

/** The person whose e-mail address (or handle) and password these are. */
export function findPerson(people: readonly OidcPerson[], login: string, password: string): OidcPerson | undefined {
  const wanted = login.trim().toLowerCase();
  const person = people.find(({ email, handle }) => email === wanted || handle === wanted);
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const same = timingSafeEqual(digest(password), digest(person?.password ?? ""));
  return person && same ? person : undefined;
}
