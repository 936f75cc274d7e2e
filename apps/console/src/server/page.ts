import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { SIGN_IN_PATH } from "./auth/options.ts";
import { contextOf } from "./request.ts";
import { createCaller } from "./root.ts";
import { web } from "./web.ts";

/** The request being rendered: its tenant and session, read once per render. */
const pageContext = cache(async () => {
  const [head, jar] = await Promise.all([headers(), cookies()]);
  return contextOf(web(), { header: (name) => head.get(name), cookie: (name) => jar.get(name)?.value });
});

/**
 * The procedures, called in process for the page being rendered. Without a live session it leads to the sign-in page and
 * back to the page that was asked for afterwards.
 */
export const api = cache(async () => {
  const context = await pageContext();
  if (!context.session) {
    const page = (await headers()).get("x-page") ?? "/"; // set by proxy.ts, which no page can be reached around
    redirect(`${SIGN_IN_PATH}?callbackUrl=${encodeURIComponent(page)}`);
  }
  return createCaller(context);
});
