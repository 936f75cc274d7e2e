"use client";
import Link from "next/link";
import { Principal } from "../../../ui/avatar.tsx";
import { classes } from "../../../ui/classes.ts";
import { StatementLine } from "../../../ui/statement.tsx";
import { Time } from "../../../ui/time.tsx";
import { Verdict } from "../../../ui/verdict.tsx";
import type { RecordRow } from "../schemas.ts";
import { durationText, recordSummary, rowsText } from "./record-text.ts";

/** Heights of one line in pixels, for virtual lists. */
export const recordLinePx = { wide: 38, narrow: 66 } as const;

function whyText(record: RecordRow): string | undefined {
  if (record.verdict === "mask" && record.classes.length > 0) return `hid ${record.classes.join(", ")}`;
  if (record.verdict === "deny" || record.verdict === "ask") return record.reason ?? record.policies[0];
  return undefined;
}

function Why({ record }: { readonly record: RecordRow }) {
  const text = whyText(record);
  return text === undefined ? null : (
    <span className="truncate text-xs text-ink-muted" title={text}>
      {text}
    </span>
  );
}

function Effect({ record }: { readonly record: RecordRow }) {
  if (record.kind !== "exchange") return null;
  if (record.status === "refused") return <span className="text-ink-faint">not run</span>;
  if (record.status === "running") return <span className="text-ink-muted">running…</span>;
  return (
    <>
      {record.rows === null ? null : <span>{rowsText(record.rows)}</span>}
      {record.durationUs === null ? null : <span className="text-ink-faint">{durationText(record.durationUs)}</span>}
    </>
  );
}

/** One record in a list; the whole line opens it. */
export function RecordLine({
  record,
  narrow,
  arrived = false,
}: {
  readonly record: RecordRow;
  readonly narrow: boolean;
  readonly arrived?: boolean;
}) {
  const subject =
    record.statement === null ? (
      <span className="block truncate text-ink first-letter:uppercase">{recordSummary(record)}</span>
    ) : (
      <StatementLine text={record.statement} />
    );
  const look = classes("h-full border-b border-line transition-colors hover:bg-hover", arrived && "arrived");
  if (narrow) {
    return (
      <Link
        href={`/audit/${record.id}`}
        data-inset-focus=""
        className={classes("flex flex-col justify-center gap-1 px-4", look)}
      >
        <span className="flex items-center gap-2 text-xs text-ink-muted">
          <Verdict kind={record.verdict} plain />
          <Principal
            type={record.principal.type}
            handle={record.principal.id}
            name={record.principal.name}
            onBehalfOf={record.onBehalfOf}
            className="flex-1"
          />
          <Time at={record.at} form="relative" />
        </span>
        <span className="block min-w-0 truncate">{subject}</span>
      </Link>
    );
  }
  return (
    <Link
      href={`/audit/${record.id}`}
      data-inset-focus=""
      className={classes(
        "grid grid-cols-[5.25rem_5rem_minmax(7rem,10rem)_minmax(0,1fr)_auto] items-center gap-3 px-4 xl:grid-cols-[5.25rem_5rem_minmax(7rem,10rem)_minmax(0,3fr)_minmax(0,2fr)_8.5rem] 2xl:grid-cols-[5.25rem_5rem_minmax(7rem,10rem)_minmax(0,3fr)_minmax(0,2fr)_6rem_8.5rem]",
        look,
      )}
    >
      <span className="text-xs text-ink-muted">
        <Time at={record.at} form="seconds" />
      </span>
      <Verdict kind={record.verdict} plain />
      <Principal
        type={record.principal.type}
        handle={record.principal.id}
        name={record.principal.name}
        onBehalfOf={record.onBehalfOf}
      />
      <span className="min-w-0 truncate">{subject}</span>
      <span className="hidden min-w-0 xl:flex">
        <Why record={record} />
      </span>
      <span className="hidden truncate text-xs text-ink-muted 2xl:block">{record.resource?.name ?? ""}</span>
      <span className="flex justify-end gap-2.5 text-xs text-ink-muted tabular-nums">
        <Effect record={record} />
      </span>
    </Link>
  );
}

/** The headings over the lines of a wide list. */
export function RecordHeadings() {
  return (
    <div
      aria-hidden
      className="hidden h-8 grid-cols-[5.25rem_5rem_minmax(7rem,10rem)_minmax(0,1fr)_auto] items-center gap-3 border-b border-line bg-sunken px-4 text-xs font-medium text-ink-muted md:grid xl:grid-cols-[5.25rem_5rem_minmax(7rem,10rem)_minmax(0,3fr)_minmax(0,2fr)_8.5rem] 2xl:grid-cols-[5.25rem_5rem_minmax(7rem,10rem)_minmax(0,3fr)_minmax(0,2fr)_6rem_8.5rem]"
    >
      <span>Time</span>
      <span>Verdict</span>
      <span>Who</span>
      <span>Statement</span>
      <span className="hidden xl:block">Why</span>
      <span className="hidden 2xl:block">Resource</span>
      <span className="text-right">Effect</span>
    </div>
  );
}
