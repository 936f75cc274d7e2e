"use client";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { places } from "./places.ts";

const sequenceMs = 1_200;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Keys that work everywhere: ⌘K or Ctrl+K and / for the palette, "g" then a letter to go, ? for the list of keys. */
export function useKeyboard(open: (what: "palette" | "keys") => void): void {
  const router = useRouter();
  const armedAt = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open("palette");
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog]") !== null) return;
      if (event.timeStamp - armedAt.current < sequenceMs) {
        armedAt.current = 0;
        const place = places.find((candidate) => candidate.key === event.key);
        if (place === undefined) return;
        event.preventDefault();
        router.push(place.href);
      } else if (event.key === "g") {
        armedAt.current = event.timeStamp;
      } else if (event.key === "?") {
        event.preventDefault();
        open("keys");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [router, open]);
}
