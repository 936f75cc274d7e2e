export {
  ACCESS_TOKEN_CHARS_MAX,
  type AccessTokenClaims,
  type AccessTokenError,
  accessTokenClaimsSchema,
  issueAccessToken,
  openAccessToken,
  tokenAudience,
  tokenIssuer,
  tokenKeyEntry,
} from "./access-token.ts";
export {
  BUNDLE_FORMAT,
  type BundleContent,
  type BundleResource,
  bundleContentSchema,
  type IdentityPoolOptions,
  maskStrategySchema,
  resourceSchema,
  type TargetSession,
  targetSessionSchema,
} from "./content.ts";
export { BUNDLE_PAYLOAD_TYPE, ENVELOPE_BYTES_MAX, type Envelope, envelopeSchema } from "./envelope.ts";
export { generateSigningKey, keyIdOf, publicKeyFromRaw, rawPublicKey } from "./keys.ts";
export type { BundleRefusal } from "./open-signed.ts";
export { recheck, type SelfCheck, type SelfCheckError } from "./self-check.ts";
export {
  SHADOW_BYTES_MAX,
  SHADOW_PAYLOAD_TYPE,
  type ShadowContent,
  type ShadowTrust,
  signShadow,
  verifyShadow,
} from "./shadow.ts";
export { bundleDigest, type SignedBundle, signBundle } from "./sign.ts";
export { type BundleTrust, type VerifiedBundle, verifyBundle } from "./verify.ts";
