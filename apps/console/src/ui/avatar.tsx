import { Bot, Cpu, User } from "lucide-react";
import { classes } from "./classes.ts";

const icons = { User, Agent: Bot, Workload: Cpu, System: Cpu } as const;

function principalIcon(type: string) {
  return type === "Agent" || type === "Workload" || type === "System" ? icons[type] : icons.User;
}

/** Who acted: an icon for the kind, the handle, and for whom. */
export function Principal({
  type,
  handle,
  name,
  onBehalfOf,
  className,
}: {
  readonly type: string;
  readonly handle: string;
  readonly name?: string | undefined;
  readonly onBehalfOf?: string | null | undefined;
  readonly className?: string;
}) {
  const Icon = principalIcon(type);
  const chain = onBehalfOf === null || onBehalfOf === undefined ? "" : ` for ${onBehalfOf}`;
  return (
    <span
      className={classes("inline-flex min-w-0 items-center gap-1.5", className)}
      title={`${type} ${name ?? handle} (${handle})${chain}`}
    >
      <Icon className="size-3.5 shrink-0 text-ink-faint" role="img" aria-label={type} />
      <span className="truncate font-medium text-ink">{handle}</span>
      {chain === "" ? null : <span className="truncate text-ink-muted">{chain.trim()}</span>}
    </span>
  );
}

/** Initials in a circle; the name stands beside it, so it is decoration. */
export function Avatar({ name }: { readonly name: string }) {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join("");
  return (
    <span
      aria-hidden
      className="grid size-6 shrink-0 place-items-center rounded-full bg-selected text-[0.625rem] font-semibold text-accent"
    >
      {initials}
    </span>
  );
}
