import { type NextRequest, NextResponse } from "next/server";
import { PATH_HEADER } from "./server/path-header.ts";

/** Gives every page its headers: a content policy with a fresh nonce, no framing, no sniffing, no referrer to others. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
  const secure = (request.headers.get("x-forwarded-proto") ?? request.nextUrl.protocol).startsWith("https");
  const policy = contentPolicy(nonce, secure);
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set(PATH_HEADER, request.nextUrl.pathname + request.nextUrl.search);
  headers.set("x-page", request.nextUrl.pathname + request.nextUrl.search); // where to come back to after signing in
  headers.set("content-security-policy", policy); // Next puts the nonce on its own scripts by reading this
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("x-content-type-options", "nosniff");
  response.headers.set("x-frame-options", "DENY");
  response.headers.set("referrer-policy", "same-origin");
  response.headers.set("cross-origin-opener-policy", "same-origin");
  response.headers.set("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()");
  if (secure) response.headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
  return response;
}

function contentPolicy(nonce: string, secure: boolean): string {
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    // Components measure themselves and set styles; styles cannot run code.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  if (secure) directives.push("upgrade-insecure-requests");
  return directives.join("; ");
}

export const config = {
  // All but files and what answers under /api with headers of its own: the page that says "not found" is a page too.
  matcher: [
    { source: "/((?!_next/static/|_next/image|api/(?:auth|health|trpc|v1)(?:/|$)|favicon\\.ico$|icon\\.svg$).*)" },
  ],
};
