/** The session cookie's name. Over TLS the `__Host-` prefix pins it to exactly one host and to TLS. */
export function sessionCookieName(secure: boolean): string {
  return secure ? "__Host-sluice.session" : "sluice.session";
}

/** A cookie that only this host's own pages send, that scripts cannot read. */
export function cookieOptions(secure: boolean) {
  return { httpOnly: true, sameSite: "lax", path: "/", secure } as const;
}

/** Remembers for ten minutes that somebody signed out here: whoever comes next is asked who they are. */
export const signedOutCookie = "sluice.signed-out";

/** The header value that sets `signedOutCookie`. */
export function signedOutHeader(secure: boolean): string {
  return `${signedOutCookie}=1; Path=/api/auth; Max-Age=600; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}
