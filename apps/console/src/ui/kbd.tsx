"use client";
import { useSyncExternalStore } from "react";

const never = (): (() => void) => () => undefined;

/** How the reader's keyboard calls the command key; the server writes Ctrl, which most have. */
function useCommandKey(): string {
  return useSyncExternalStore(
    never,
    () => (/mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘" : "Ctrl"),
    () => "Ctrl",
  );
}

/** Keys to press, one box each; "Mod" is ⌘ or Ctrl. Decoration: the action beside it is reachable without them. */
export function Keys({ keys }: { readonly keys: readonly string[] }) {
  const command = useCommandKey();
  return (
    <span className="inline-flex gap-0.5" aria-hidden>
      {keys.map((key, index) => (
        <kbd
          key={`${index}${key}`}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line bg-sunken px-1 font-sans text-xs text-ink-muted"
        >
          {key === "Mod" ? command : key}
        </kbd>
      ))}
    </span>
  );
}
