import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes.ts";

/** A dense table; on narrow screens it scrolls sideways inside its own box, never the page. */
export function Table({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label={label} data-inset-focus="">
      <table className="w-full border-collapse text-left text-sm">{children}</table>
    </div>
  );
}

function Th({ className, ...rest }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={classes(
        "h-8 border-b border-line bg-sunken px-4 text-xs font-medium whitespace-nowrap text-ink-muted first:rounded-tl-lg last:rounded-tr-lg",
        className,
      )}
      {...rest}
    />
  );
}

/** The row of headings; a column is a text, or one that is aligned right. `actions` adds a last one that only readers hear. */
export function Columns({
  names,
  actions = false,
}: {
  readonly names: readonly (string | { readonly right: string })[];
  readonly actions?: boolean;
}) {
  return (
    <thead>
      <tr>
        {names.map((name) =>
          typeof name === "string" ? (
            <Th key={name}>{name}</Th>
          ) : (
            <Th key={name.right} className="text-right">
              {name.right}
            </Th>
          ),
        )}
        {actions ? (
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        ) : null}
      </tr>
    </thead>
  );
}

/** One cell. */
export function Td({ className, ...rest }: ComponentProps<"td">) {
  return <td className={classes("h-10 px-4 py-1.5 align-middle", className)} {...rest} />;
}

/** One row; rows are parted by hairlines. */
export function Tr({ className, ...rest }: ComponentProps<"tr">) {
  return (
    <tr
      className={classes("border-b border-line last:border-b-0 hover:bg-hover/60 transition-colors", className)}
      {...rest}
    />
  );
}

/** Names and values of one thing, aligned; one column on phones. */
export function Facts({ items }: { readonly items: readonly { readonly name: string; readonly value: ReactNode }[] }) {
  return (
    <dl className="grid grid-cols-[minmax(4.5rem,6.5rem)_minmax(0,1fr)] gap-x-4 gap-y-2 text-sm">
      {items.map((item) => (
        <div key={item.name} className="col-span-2 grid grid-cols-subgrid items-baseline">
          <dt className="text-ink-muted">{item.name}</dt>
          <dd className="min-w-0 wrap-anywhere text-ink">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
