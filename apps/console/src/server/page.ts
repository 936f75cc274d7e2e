import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { SIGN_IN_PATH } from "./auth/options.ts";
import { PATH_HEADER } from "./path-header.ts";
import { contextOf } from "./request.ts";
import { createCaller } from "./root.ts";
import { web } from "./web.ts";

/** The request being rendered: its tenant and session, read once per render. */
const pageContext = cache(async () => {
  const [head, jar] = await Promise.all([headers(), cookies()]);
  return contextOf(web(), { header: (name) => head.get(name), cookie: (name) => jar.get(name)?.value });
});

/**
 * The procedures, called in process for the page being rendered. Without a live session it leads to the sign-in page, and
 * from there back to this one.
 */
export const api = cache(async () => {
  const context = await pageContext();
  if (!context.session) {
    const path = (await headers()).get(PATH_HEADER) ?? "/";
    redirect(`${SIGN_IN_PATH}?callbackUrl=${encodeURIComponent(path)}`);
  }
  return createCaller(context);
});
