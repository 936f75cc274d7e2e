"use client";
import { Dialog } from "../../../ui/dialog.tsx";
import { Keys } from "../../../ui/kbd.tsx";
import { places } from "./places.ts";

const others = [
  { keys: ["Mod", "K"], label: "Search and jump to anything" },
  { keys: ["?"], label: "This list" },
  { keys: ["Mod", "S"], label: "Format the policy being edited" },
  { keys: ["Esc"], label: "Close what is open" },
];

/** All keys of the console. */
export function KeysDialog({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard">
      <dl className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
        {[...others, ...places.map((place) => ({ keys: ["g", place.key], label: place.label }))].map((entry) => (
          <div key={entry.label} className="flex items-center justify-between gap-3">
            <dt className="text-ink-muted">{entry.label}</dt>
            <dd>
              <span className="sr-only">{entry.keys.join(" then ")}</span>
              <Keys keys={entry.keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
