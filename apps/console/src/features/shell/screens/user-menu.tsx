"use client";
import { ChevronsUpDown, Keyboard, LogOut, Moon, Sun, SunMoon } from "lucide-react";
import { useState } from "react";
import { Avatar } from "../../../ui/avatar.tsx";
import { Menu, MenuChoices, MenuItem, MenuNote, MenuSeparator } from "../../../ui/menu.tsx";
import { setTheme, type Theme } from "./theme.ts";

const themes = [
  { value: "system", label: "System", icon: <SunMoon aria-hidden /> },
  { value: "light", label: "Light", icon: <Sun aria-hidden /> },
  { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
] as const;

/** Who is signed in, the theme, and the way out. */
export function UserMenu({
  name,
  handle,
  email,
  role,
  theme,
  onKeys,
  onSignOut,
}: {
  readonly name: string;
  readonly handle: string;
  readonly email: string;
  readonly role: string;
  readonly theme: Theme;
  readonly onKeys: () => void;
  readonly onSignOut: () => void;
}) {
  const [chosen, setChosen] = useState<Theme>(theme);
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="flex h-10 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-hover data-[state=open]:bg-hover"
        >
          <Avatar name={name} />
          <span className="min-w-0 flex-1">
            <span className="block truncate text-sm leading-4 font-medium text-ink">{handle}</span>
            <span className="block truncate text-xs leading-4 text-ink-muted">{name}</span>
          </span>
          <ChevronsUpDown className="size-3.5 text-ink-faint" aria-hidden />
        </button>
      }
    >
      <MenuNote>
        <span className="block font-medium text-ink">{name}</span>
        {email}
        <span className="block">Console role: {role}</span>
      </MenuNote>
      <MenuSeparator />
      <MenuChoices
        label="Theme"
        value={chosen}
        choices={themes}
        onChange={(next) => {
          setChosen(next);
          setTheme(next);
        }}
      />
      <MenuSeparator />
      <MenuItem icon={<Keyboard aria-hidden />} onSelect={onKeys}>
        Keyboard shortcuts
      </MenuItem>
      <MenuItem icon={<LogOut aria-hidden />} onSelect={onSignOut}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
