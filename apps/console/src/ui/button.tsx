import { LoaderCircle } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes.ts";

/** What a button weighs on the page: one primary at most per view, danger only for what cannot be taken back. */
export type ButtonTone = "primary" | "secondary" | "quiet" | "danger";

const tones: Record<ButtonTone, string> = {
  primary: "bg-accent-fill text-on-accent hover:bg-accent-fill-hover border-transparent",
  secondary: "bg-surface text-ink border-line-strong hover:bg-hover shadow-card",
  quiet: "bg-transparent text-ink-muted border-transparent hover:bg-hover hover:text-ink",
  danger: "bg-deny-fill text-on-accent hover:bg-deny-fill-hover border-transparent",
};

const sizes = {
  md: "h-8 px-3 text-sm",
  sm: "h-7 px-2 text-xs",
  lg: "h-10 px-4 text-base",
} as const;

const base =
  "inline-flex items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none transition-colors duration-100 disabled:opacity-55 disabled:cursor-not-allowed [&_svg]:size-4 [&_svg]:shrink-0";

interface Look {
  readonly tone?: ButtonTone;
  readonly size?: keyof typeof sizes;
  readonly icon?: ReactNode;
}

/** A push button. While `busy` it shows progress and takes no second click; its width stays. */
export function Button({
  tone = "secondary",
  size = "md",
  icon,
  busy = false,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: Look & { readonly busy?: boolean } & Omit<ComponentProps<"button">, "color">) {
  return (
    <button
      type={type}
      className={classes(base, sizes[size], tones[tone], className)}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy ? <LoaderCircle className="animate-spin" aria-hidden /> : icon}
      {children}
    </button>
  );
}

/** A link that looks like a button: it goes somewhere, it changes nothing. */
export function ButtonLink({
  tone = "secondary",
  size = "md",
  icon,
  className,
  children,
  ...rest
}: Look & ComponentProps<typeof Link>) {
  return (
    <Link className={classes(base, sizes[size], tones[tone], className)} {...rest}>
      {icon}
      {children}
    </Link>
  );
}

/** A square button with an icon only; `label` is its name for assistive technology and its tooltip. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: { readonly label: string } & Omit<ComponentProps<"button">, "aria-label" | "title">) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={classes(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-muted transition-colors duration-100 hover:bg-hover hover:text-ink disabled:opacity-50 [&_svg]:size-4",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
