"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { classes } from "../../../ui/classes.ts";
import { isAt, placeGroups } from "./places.ts";

/** The sidebar's list of places. `waiting` is the number of approvals that wait for the reader. */
export function Navigation({ waiting, onGo }: { readonly waiting: number; readonly onGo?: () => void }) {
  const path = usePathname();
  return (
    <nav aria-label="Console" className="flex flex-col gap-4 px-3">
      {placeGroups.map((group) => (
        <div key={group.label ?? "first"}>
          {group.label === null ? null : <p className="px-2 pb-1 text-xs font-medium text-ink-faint">{group.label}</p>}
          <ul className="flex flex-col gap-px">
            {group.places.map((place) => {
              const here = isAt(place, path);
              return (
                <li key={place.href}>
                  <Link
                    href={place.href}
                    onClick={() => onGo?.()}
                    {...(here ? { "aria-current": "page" as const } : {})}
                    className={classes(
                      "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium transition-colors duration-75 max-lg:h-10",
                      here
                        ? "bg-surface text-ink shadow-card ring-1 ring-line"
                        : "text-ink-muted hover:bg-hover hover:text-ink",
                    )}
                  >
                    <place.icon
                      className={classes("size-4 shrink-0", here ? "text-accent" : "text-ink-faint")}
                      aria-hidden
                    />
                    <span className="flex-1">{place.label}</span>
                    {place.href === "/approvals" && waiting > 0 ? (
                      <span className="rounded-full bg-ask-soft px-1.5 text-xs font-semibold text-ask tabular-nums">
                        {waiting}
                        <span className="sr-only"> waiting for you</span>
                      </span>
                    ) : null}
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      ))}
    </nav>
  );
}
