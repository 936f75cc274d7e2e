import {
  Activity,
  BookCheck,
  Cpu,
  Database,
  Gauge,
  KeyRound,
  type LucideIcon,
  ScrollText,
  Settings,
  Stamp,
  Users,
} from "lucide-react";

/** One place of the console: where it is, how it is called, and the key that follows "g". */
export interface Place {
  readonly href: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly key: string;
  readonly words: string;
}

/** The map of the console, in the order of the sidebar, in groups. */
export const placeGroups: readonly { readonly label: string | null; readonly places: readonly Place[] }[] = [
  {
    label: null,
    places: [
      { href: "/", label: "Overview", icon: Gauge, key: "o", words: "home dashboard start" },
      { href: "/live", label: "Live", icon: Activity, key: "l", words: "stream feed decisions now" },
      { href: "/approvals", label: "Approvals", icon: Stamp, key: "a", words: "inbox held waiting approve refuse" },
      { href: "/access", label: "Access", icon: KeyRound, key: "c", words: "connect psql url token grants" },
    ],
  },
  {
    label: "Control",
    places: [
      { href: "/policies", label: "Policies", icon: ScrollText, key: "p", words: "cedar guardrails obligations rules" },
      {
        href: "/resources",
        label: "Resources",
        icon: Database,
        key: "r",
        words: "databases tables data classes masking",
      },
      { href: "/enforcers", label: "Enforcers", icon: Cpu, key: "e", words: "proxy gateway bundle enrol site" },
      { href: "/identities", label: "Identities", icon: Users, key: "i", words: "people groups agents lock" },
    ],
  },
  {
    label: "Evidence",
    places: [
      { href: "/audit", label: "Audit", icon: BookCheck, key: "u", words: "records search ledger log history" },
      { href: "/settings", label: "Settings", icon: Settings, key: "s", words: "org sign-in keys tokens roles" },
    ],
  },
];

/** All places in one list. */
export const places: readonly Place[] = placeGroups.flatMap((group) => group.places);

/** Whether a path lies in a place. */
export function isAt(place: Place, path: string): boolean {
  return place.href === "/" ? path === "/" : path === place.href || path.startsWith(`${place.href}/`);
}
