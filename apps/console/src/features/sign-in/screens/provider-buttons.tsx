"use client";
import { signIn } from "next-auth/react";
import { useState } from "react";
import { Button } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/states.tsx";

/** One button per identity provider of the org. */
export function ProviderButtons({
  providers,
  callback,
}: {
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  readonly callback: string;
}) {
  const [going, setGoing] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const go = async (id: string): Promise<void> => {
    setGoing(id);
    setFailed(false);
    try {
      await signIn(id, { callbackUrl: callback });
    } catch {
      setFailed(true); // the server could not be reached; the sentence below says what to do
      setGoing(null);
    }
  };
  return (
    <div className="flex flex-col gap-2">
      {providers.map((provider, index) => (
        <Button
          key={provider.id}
          size="lg"
          tone={index === 0 ? "primary" : "secondary"}
          className="w-full"
          busy={going === provider.id}
          disabled={going !== null}
          onClick={() => void go(provider.id)}
        >
          Continue with {provider.name}
        </Button>
      ))}
      {failed ? (
        <Callout tone="bad" title="The console's server did not answer" live>
          Check your connection and try again.
        </Callout>
      ) : null}
    </div>
  );
}
