import { ButtonLink } from "../ui/button.tsx";
import { Logo } from "../ui/logo.tsx";

/** A page that does not exist, or that belongs to somebody else: we do not say which. */
export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center px-6 text-center">
      <div>
        <Logo className="mx-auto size-9" />
        <h1 className="mt-5 text-lg font-semibold">There is nothing here</h1>
        <p className="mt-1 max-w-sm text-ink-muted">
          The address may be mistyped, or the thing it names was removed, or it belongs to another organisation.
        </p>
        <ButtonLink href="/" className="mt-5">
          Go to the overview
        </ButtonLink>
      </div>
    </main>
  );
}
