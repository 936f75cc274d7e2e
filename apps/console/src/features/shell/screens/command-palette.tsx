"use client";
import { Command } from "cmdk";
import { ArrowRight, Keyboard, Moon, Search, Sun, SunMoon } from "lucide-react";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { useState } from "react";
import { Keys } from "../../../ui/kbd.tsx";
import { places } from "./places.ts";
import { setTheme } from "./theme.ts";

const item =
  "flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm text-ink select-none data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-faint";

function Entry({
  icon,
  words,
  onSelect,
  after,
  children,
}: {
  readonly icon: ReactNode;
  readonly words: string;
  readonly onSelect: () => void;
  readonly after?: ReactNode;
  readonly children: string;
}) {
  return (
    <Command.Item className={item} value={`${children} ${words}`} onSelect={onSelect}>
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {after}
    </Command.Item>
  );
}

/** Jump to any place, search the audit log, change the theme: all by typing. */
export function CommandPalette({
  open,
  onOpenChange,
  onKeys,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onKeys: () => void;
}) {
  const router = useRouter();
  const [text, setText] = useState("");
  const run = (action: () => void): void => {
    onOpenChange(false);
    setText("");
    action();
  };
  const query = text.trim();
  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label="Command palette"
      loop
      overlayClassName="fixed inset-0 z-40 bg-scrim"
      contentClassName="pop-in fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-lg border border-line bg-raised shadow-pop outline-none"
    >
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search className="size-4 shrink-0 text-ink-faint" aria-hidden />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="Go to a place, or search what was done…"
          className="h-12 w-full bg-transparent text-base text-ink outline-none"
        />
        <Keys keys={["Esc"]} />
      </div>
      <Command.List className="max-h-[50vh] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-faint">
        <Command.Empty className="px-2.5 py-6 text-center text-ink-muted">Nothing by that name.</Command.Empty>
        {query === "" ? null : (
          <Command.Group heading="Audit" forceMount>
            <Command.Item
              forceMount
              className={item}
              value={`search statements ${query}`}
              onSelect={() => run(() => router.push(`/audit?text=${encodeURIComponent(query)}`))}
            >
              <Search aria-hidden />
              <span className="min-w-0 flex-1 truncate">Search statements for “{query}”</span>
              <ArrowRight aria-hidden />
            </Command.Item>
          </Command.Group>
        )}
        <Command.Group heading="Go to">
          {places.map((place) => (
            <Entry
              key={place.href}
              icon={<place.icon aria-hidden />}
              words={place.words}
              onSelect={() => run(() => router.push(place.href))}
              after={<Keys keys={["g", place.key]} />}
            >
              {place.label}
            </Entry>
          ))}
        </Command.Group>
        <Command.Group heading="Show">
          <Entry
            icon={<Search aria-hidden />}
            words="audit deny blocked"
            onSelect={() => run(() => router.push("/audit?verdicts=deny"))}
          >
            What was refused
          </Entry>
          <Entry
            icon={<Search aria-hidden />}
            words="audit changes who changed console"
            onSelect={() => run(() => router.push("/audit?kinds=change"))}
          >
            What was changed in the console
          </Entry>
          <Entry icon={<Keyboard aria-hidden />} words="shortcuts help keys" onSelect={() => run(onKeys)}>
            Keyboard shortcuts
          </Entry>
        </Command.Group>
        <Command.Group heading="Theme">
          <Entry icon={<SunMoon aria-hidden />} words="theme auto" onSelect={() => run(() => setTheme("system"))}>
            Follow the system
          </Entry>
          <Entry icon={<Sun aria-hidden />} words="theme bright" onSelect={() => run(() => setTheme("light"))}>
            Light
          </Entry>
          <Entry icon={<Moon aria-hidden />} words="theme night" onSelect={() => run(() => setTheme("dark"))}>
            Dark
          </Entry>
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  );
}
