import { ArrowLeft } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";

/** A bordered surface that holds one thing, with an optional heading and actions at its right. */
export function Panel({
  title,
  description,
  actions,
  flush = false,
  className,
  children,
}: {
  readonly title?: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** the content brings its own padding (tables, lists) */
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={classes("min-w-0 rounded-lg border border-line bg-surface shadow-card", className)}>
      {title === undefined ? null : (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
          <div className="min-w-0 flex-1">
            <h2 className="text-sm font-semibold text-ink">{title}</h2>
            {description === undefined ? null : <p className="text-xs text-ink-muted">{description}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={flush ? "" : "p-4"}>{children}</div>
    </section>
  );
}

/** The top of every page: what it is, in one sentence what it answers, and what one can do. */
export function PageHeader({
  title,
  description,
  actions,
  back,
}: {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** where it is one of many */
  readonly back?: { readonly href: string; readonly label: string };
}) {
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-3 pb-5">
      <div className="min-w-0 flex-1 basis-64">
        {back === undefined ? null : (
          <Link href={back.href} className="mb-2 inline-flex items-center gap-1 text-sm text-ink-muted hover:text-ink">
            <ArrowLeft className="size-3.5" aria-hidden />
            {back.label}
          </Link>
        )}
        <h1 className="text-lg font-semibold text-ink text-balance">{title}</h1>
        {description === undefined ? null : (
          <p className="mt-0.5 max-w-2xl text-sm text-ink-muted text-pretty">{description}</p>
        )}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

/** The width and padding of a page's content. `wide` fills the window, for tables and feeds. */
export function Page({ wide = false, children }: { readonly wide?: boolean; readonly children: ReactNode }) {
  return (
    <div className={classes("mx-auto w-full px-4 py-5 sm:px-6 lg:px-8 lg:py-7", wide ? "max-w-[100rem]" : "max-w-6xl")}>
      {children}
    </div>
  );
}
