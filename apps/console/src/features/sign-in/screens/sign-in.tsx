import { ShieldCheck } from "lucide-react";
import type { SignInPage } from "../../../server/auth/sign-in-page.ts";
import { Logo } from "../../../ui/logo.tsx";
import { Callout } from "../../../ui/states.tsx";
import { ProviderButtons } from "./provider-buttons.tsx";

/** Where people of one org sign in, through the org's own identity provider. */
export function SignIn({ page, callback }: { readonly page: SignInPage; readonly callback: string }) {
  return (
    <main className="grid min-h-dvh place-items-center px-5 py-10">
      <div className="w-full max-w-sm">
        <Logo className="mx-auto size-10" />
        {page.org === undefined ? (
          <div className="mt-6 text-center">
            <h1 className="text-lg font-semibold">No organisation lives at this address</h1>
            <p className="mt-1 text-ink-muted">
              Check the address your colleagues use, or go to{" "}
              <a className="text-accent underline" href={page.publicUrl}>
                {page.publicUrl}
              </a>
              .
            </p>
          </div>
        ) : (
          <>
            <h1 className="mt-5 text-center text-lg font-semibold">Sign in to {page.org.name}</h1>
            <p className="mt-1 text-center text-ink-muted">with the account you already have at work</p>
            <div className="mt-6 rounded-lg border border-line bg-surface p-5 shadow-card">
              {page.problem === undefined ? null : (
                <div className="pb-4">
                  <Callout tone="bad" title="You are not signed in">
                    {page.problem}
                  </Callout>
                </div>
              )}
              {page.providers.length === 0 ? (
                <Callout tone="warn" title="No identity provider is connected">
                  An admin connects one with the sluice command, see the user guide under Sign-in.
                </Callout>
              ) : (
                <ProviderButtons providers={page.providers} callback={callback} />
              )}
            </div>
            <p className="mt-5 flex items-center justify-center gap-1.5 text-xs text-ink-muted">
              <ShieldCheck className="size-3.5" aria-hidden />
              Everything done here is recorded.
            </p>
          </>
        )}
      </div>
    </main>
  );
}
