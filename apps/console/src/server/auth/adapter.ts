import type { Clock } from "@sluice/kernel";
import type { Adapter, AdapterUser } from "next-auth/adapters";
import type { OrgData } from "../scope.ts";
import { beginSession, endSession } from "./sessions.ts";

/**
 * Keeps next-auth's sessions as opaque ids in one org's own rows, so that no cookie means anything on another tenant's
 * host. It adds nobody: whoever `admit` did not name is unknown.
 */
export function adapterOn(data: OrgData, clock: Clock, admitted: () => string | undefined): Adapter {
  const userOf = async (id: string): Promise<AdapterUser | null> => {
    const member = await data.tx((tx) => tx.member.findUnique({ where: { id } }));
    return member && { id: member.id, email: member.email, name: member.name, emailVerified: null };
  };
  return {
    getUser: userOf,
    getUserByEmail: () => null,
    getUserByAccount: () => {
      const memberId = admitted();
      return memberId === undefined ? null : userOf(memberId);
    },
    createUser: () => {
      throw new Error("members are added by an admin, never by signing in");
    },
    updateUser: async (user) => (await userOf(user.id)) ?? { ...user, email: "", emailVerified: null },
    linkAccount: () => null,
    // A sign-in always begins a session of its own, also over an older cookie: nothing of the old one is taken over.
    getSessionAndUser: () => null,
    createSession: async ({ sessionToken, userId }) => {
      const expires = await beginSession(data, clock, userId, sessionToken);
      return { sessionToken, userId, expires };
    },
    updateSession: () => null,
    deleteSession: async (sessionToken) => {
      await endSession(data, sessionToken);
      return null;
    },
  };
}
