import { Bot, Cpu, User } from "lucide-react";
import { classes } from "./classes.ts";

function PrincipalIcon({ type }: { readonly type: string }) {
  const look = "size-3.5 shrink-0 text-ink-faint";
  if (type === "Agent") return <Bot className={look} role="img" aria-label={type} />;
  if (type === "User") return <User className={look} role="img" aria-label={type} />;
  return <Cpu className={look} role="img" aria-label={type} />;
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
  const chain = onBehalfOf === null || onBehalfOf === undefined ? "" : ` for ${onBehalfOf}`;
  return (
    <span
      className={classes("inline-flex min-w-0 items-center gap-1.5 align-middle", className)}
      title={`${type} ${name ?? handle} (${handle})${chain}`}
    >
      <PrincipalIcon type={type} />
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
