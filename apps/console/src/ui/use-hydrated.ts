"use client";
import { useSyncExternalStore } from "react";

const never = (): (() => void) => () => undefined;

/**
 * False on the server and while the page hydrates, then true. Use it as a key on text that depends on the reader's
 * clock or time zone: React never patches such text by itself, a changed key renders it anew.
 */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
