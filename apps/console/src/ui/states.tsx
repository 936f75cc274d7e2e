import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";

/** Nothing here yet: says what would be here and the one next step. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center px-6 py-14 text-center">
      <div className="mb-3 grid size-10 place-items-center rounded-lg border border-line bg-sunken text-ink-faint [&_svg]:size-5">
        {icon}
      </div>
      <h2 className="text-base font-semibold text-ink">{title}</h2>
      {children === undefined ? null : (
        <div className="mt-1 max-w-md text-sm text-ink-muted text-pretty">{children}</div>
      )}
      {action === undefined ? null : <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

const callouts = {
  info: { Icon: Info, look: "bg-accent-soft text-accent" },
  good: { Icon: Info, look: "bg-allow-soft text-allow" },
  warn: { Icon: TriangleAlert, look: "bg-ask-soft text-ask" },
  bad: { Icon: CircleAlert, look: "bg-deny-soft text-deny" },
} as const;

/** A note that must be read where it stands. Errors say what happened, why, and what to do. */
export function Callout({
  tone,
  title,
  children,
  action,
  live = false,
}: {
  readonly tone: keyof typeof callouts;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  /** announce it when it appears */
  readonly live?: boolean;
}) {
  const { Icon, look } = callouts[tone];
  return (
    <div role={live ? "alert" : undefined} className={classes("flex gap-2.5 rounded-md px-3 py-2.5", look)}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {children === undefined ? null : <div className="mt-0.5 text-ink">{children}</div>}
      </div>
      {action}
    </div>
  );
}

/** The grey shape of what is being loaded; keeps the place so that nothing jumps. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <div aria-hidden className={classes("skeleton rounded-md", className)} />;
}

/** A page's shape while its data loads. */
export function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="mx-auto w-full max-w-6xl px-4 py-7 sm:px-6 lg:px-8">
      <Skeleton className="h-7 w-44" />
      <Skeleton className="mt-2 h-4 w-80 max-w-full" />
      <div className="mt-6 grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {["a", "b", "c", "d"].map((key) => (
          <Skeleton key={key} className="h-20" />
        ))}
      </div>
      <Skeleton className="mt-4 h-72" />
    </div>
  );
}
