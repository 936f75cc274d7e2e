import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignIn } from "../../features/sign-in/screens/sign-in.tsx";
import { ownPath } from "../../server/auth/own-path.ts";
import { readSignInPage } from "../../server/auth/sign-in-page.ts";

export const metadata: Metadata = { title: "Sign in" };

function first(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}

/** /sign-in?callbackUrl=…&error=… */
export default async function SignInPage({
  searchParams,
}: {
  readonly searchParams: Promise<{ readonly callbackUrl?: string | string[]; readonly error?: string | string[] }>;
}) {
  const params = await searchParams;
  const callback = ownPath(first(params.callbackUrl));
  const page = await readSignInPage(first(params.error));
  if (page.signedIn && page.problem === undefined) redirect(callback);
  return <SignIn page={page} callback={callback} />;
}
