"use client";
import { Menu as MenuIcon, Search, X } from "lucide-react";
import Link from "next/link";
import { Dialog } from "radix-ui";
import { type ReactNode, useCallback, useState } from "react";
import { IconButton } from "../../../ui/button.tsx";
import { Keys } from "../../../ui/kbd.tsx";
import { Logo } from "../../../ui/logo.tsx";
import { ToastProvider } from "../../../ui/toast.tsx";
import type { Me } from "../../identities/schemas.ts";
import { CommandPalette } from "./command-palette.tsx";
import { useKeyboard } from "./keyboard.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { Navigation } from "./navigation.tsx";
import type { Theme } from "./theme.ts";
import { useWaiting } from "./use-waiting.ts";
import { UserMenu } from "./user-menu.tsx";

type Opened = "palette" | "keys" | "drawer" | null;

function Brand({ org }: { readonly org: string }) {
  return (
    <Link href="/" className="flex h-10 min-w-0 items-center gap-2.5 rounded-md px-2">
      <Logo className="size-6 shrink-0" />
      <span className="min-w-0">
        <span className="block truncate text-sm leading-4 font-semibold text-ink">{org}</span>
        <span className="block text-xs leading-4 text-ink-muted">Sluice</span>
      </span>
    </Link>
  );
}

/** The frame of every signed-in page: places at the left (a drawer on small screens), the page at the right. */
export function Shell({
  me,
  theme,
  signOut,
  children,
}: {
  readonly me: Me;
  readonly theme: Theme;
  readonly signOut: () => void;
  readonly children: ReactNode;
}) {
  const [opened, setOpened] = useState<Opened>(null);
  const waiting = useWaiting(me.approvals.waitingForMe);
  const open = useCallback((what: "palette" | "keys") => setOpened(what), []);
  const toggle = (what: Exclude<Opened, null>) => (isOpen: boolean) => setOpened(isOpen ? what : null);
  useKeyboard(open);
  const user = (
    <UserMenu
      name={me.member.name}
      handle={me.member.handle}
      email={me.member.email}
      role={me.role}
      theme={theme}
      onKeys={() => setOpened("keys")}
      onSignOut={signOut}
    />
  );
  return (
    <ToastProvider>
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 -translate-y-20 rounded-md bg-accent-fill px-3 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        Skip to the page
      </a>
      <div className="flex min-h-dvh flex-col lg:flex-row">
        <aside className="sticky top-0 hidden h-dvh w-58 shrink-0 flex-col gap-3 overflow-y-auto py-3 lg:flex">
          <div className="px-3">
            <Brand org={me.org.name} />
          </div>
          <div className="px-3">
            <button
              type="button"
              onClick={() => setOpened("palette")}
              className="flex h-8 w-full items-center gap-2 rounded-md border border-line bg-surface px-2 text-sm text-ink-muted shadow-card hover:border-line-strong hover:text-ink"
            >
              <Search className="size-4 text-ink-faint" aria-hidden />
              <span className="flex-1 text-left">Search</span>
              <Keys keys={["Mod", "K"]} />
            </button>
          </div>
          <Navigation waiting={waiting} />
          <div className="flex-1" />
          <div className="px-3">{user}</div>
        </aside>
        <header className="sticky top-0 z-30 flex h-13 items-center gap-1 border-b border-line bg-surface px-2 lg:hidden">
          <IconButton label="Open the menu" onClick={() => setOpened("drawer")} className="size-10">
            <MenuIcon />
          </IconButton>
          <Brand org={me.org.name} />
          <span className="flex-1" />
          <IconButton label="Search" onClick={() => setOpened("palette")} className="size-10">
            <Search />
          </IconButton>
        </header>
        <Dialog.Root open={opened === "drawer"} onOpenChange={toggle("drawer")}>
          <Dialog.Portal>
            <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim lg:hidden" />
            <Dialog.Content
              aria-describedby={undefined}
              className="slide-in fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] flex-col gap-3 overflow-y-auto border-r border-line bg-canvas py-3 outline-none lg:hidden"
            >
              <div className="flex items-center justify-between px-3">
                <Dialog.Title asChild>
                  <p className="px-2 font-semibold">Menu</p>
                </Dialog.Title>
                <Dialog.Close asChild>
                  <IconButton label="Close the menu">
                    <X />
                  </IconButton>
                </Dialog.Close>
              </div>
              <Navigation waiting={waiting} onGo={() => setOpened(null)} />
              <div className="flex-1" />
              <div className="px-3">{user}</div>
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <main
          id="main"
          tabIndex={-1}
          className="min-w-0 flex-1 bg-surface outline-none lg:my-2 lg:mr-2 lg:rounded-lg lg:border lg:border-line"
        >
          {children}
        </main>
      </div>
      <CommandPalette open={opened === "palette"} onOpenChange={toggle("palette")} onKeys={() => setOpened("keys")} />
      <KeysDialog open={opened === "keys"} onOpenChange={toggle("keys")} />
    </ToastProvider>
  );
}
