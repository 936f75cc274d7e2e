import { ChevronDown } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { classes } from "./classes.ts";

// 16 px on touch screens, else phones zoom into the field.
const control =
  "w-full rounded-md border border-line-control bg-surface px-2.5 text-base font-normal sm:text-sm text-ink transition-colors hover:border-ink-faint focus-visible:outline-offset-0 disabled:opacity-60 aria-invalid:border-deny";

/** A one-line text field. */
export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={classes(control, "h-8", className)} {...rest} />;
}

/** A text field of several lines. */
export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={classes(control, "min-h-18 py-1.5", className)} {...rest} />;
}

/** The platform's own choice list: works with every keyboard, reader and phone. */
export function Select({ className, children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={classes("relative inline-flex", className)}>
      <select className={classes(control, "h-8 appearance-none pr-8")} {...rest}>
        {children}
      </select>
      <ChevronDown
        className="pointer-events-none absolute top-1/2 right-2 size-4 -translate-y-1/2 text-ink-faint"
        aria-hidden
      />
    </span>
  );
}

/** Label, control, hint and error of one field, tied together for assistive technology. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly children: (props: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {label}
      </label>
      {children({ id, "aria-describedby": `${id}-note`, "aria-invalid": error !== undefined })}
      <p id={`${id}-note`} className={classes("text-xs", error === undefined ? "text-ink-muted" : "text-deny")}>
        {error ?? hint}
      </p>
    </div>
  );
}
