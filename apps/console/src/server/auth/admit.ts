import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { z } from "zod";
import type { OrgData } from "../scope.ts";

/** What an OpenID provider says of a person; anything else in the claims is not read. */
const claimsSchema = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().max(320).optional(),
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
});

/** Why a person who proved themselves to the provider may still not come in. */
export type AdmissionError = TaggedError<
  "signin.bad_claims" | "signin.unknown_person" | "signin.email_unverified" | "signin.locked"
>;

/** The connection that a person came through. */
export interface AdmittingConnection {
  readonly issuer: string;
  /** an admin says that it verifies e-mail addresses, although it does not say so of each */
  readonly trustsEmail: boolean;
}

/**
 * The member of this org that a provider's claims name. Known by issuer and subject; the first time by verified e-mail,
 * and from then on bound. Nobody is added: an admin does that first.
 */
export async function admit(
  data: OrgData,
  { issuer, trustsEmail }: AdmittingConnection,
  claims: unknown,
): Promise<Result<{ memberId: string }, AdmissionError>> {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) {
    return err(taggedError("signin.bad_claims", "Your identity provider did not say who you are."));
  }
  const { sub, email, email_verified: verified } = parsed.data;
  return data.tx(async (tx) => {
    const bound = await tx.member.findFirst({ where: { issuer, subject: sub } });
    if (bound) return stateOf(bound);
    if (email === undefined) {
      return err(taggedError("signin.bad_claims", "Your identity provider did not send your e-mail address."));
    }
    // Addresses are stored in lower case. Prisma's "insensitive" would be ILIKE, where _ and % stand for anybody's letters.
    const byEmail = await tx.member.findFirst({ where: { email: inLowerCase(email) } });
    if (!byEmail || byEmail.subject !== null) {
      return err(taggedError("signin.unknown_person", "You are not a member here: ask an admin to add you."));
    }
    // an issuer that says nothing may take any address from anybody; one that says no is never trusted
    if (verified !== true && !(verified === undefined && trustsEmail)) {
      return err(
        taggedError("signin.email_unverified", "Your identity provider has not verified your e-mail address."),
      );
    }
    const state = stateOf(byEmail);
    if (state.ok) await tx.member.update({ where: { id: byEmail.id }, data: { issuer, subject: sub } });
    return state;
  });
}

/** A-Z alone: Unicode's rules would make the Kelvin sign a k, and so somebody else's address. */
function inLowerCase(email: string): string {
  return email.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function stateOf(member: {
  readonly id: string;
  readonly status: string;
  readonly lockedAt: Date | null;
}): Result<{ memberId: string }, AdmissionError> {
  if (member.status !== "active" || member.lockedAt !== null) {
    return err(taggedError("signin.locked", "Your access is locked: an admin can lift it."));
  }
  return ok({ memberId: member.id });
}
