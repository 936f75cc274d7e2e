import type { Result, TaggedError } from "@sluice/kernel";
import type { EntityUid } from "@sluice/policy-engine";

/** A person, agent or workload as the pipeline and the record know it. */
export interface NamedPrincipal {
  readonly uid: EntityUid;
  /** the handle, e.g. "ana" */
  readonly name: string;
}

/** Who is at the other end, with the whole delegation chain. Proven, never claimed. */
export interface ClientIdentity {
  readonly principal: NamedPrincipal;
  /** the person an agent acts for */
  readonly onBehalfOf?: NamedPrincipal | undefined;
  /** the access token's id, for revocation */
  readonly tokenId: string;
  /** the session must end then */
  readonly expiresAtMs: number;
}

/** Why a client's proof is refused. */
export type IdentityError = TaggedError<
  | "identity.malformed"
  | "identity.bad_signature"
  | "identity.unknown_key"
  | "identity.expired"
  | "identity.not_yet_valid"
  | "identity.wrong_org"
  | "identity.wrong_site"
  | "identity.revoked"
  | "identity.unknown_principal"
  | "identity.locked"
  | "identity.user_mismatch"
>;

/** Checks an access token against what the current bundle holds; needs no call home. */
export type VerifyAccessToken = (token: string, claimedUser: string) => Promise<Result<ClientIdentity, IdentityError>>;
