"use client";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { classes } from "./classes.ts";

function useCopy(text: string): readonly [boolean, () => void] {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return [copied, copy];
}

/** An id (or digest) in short form; one click copies the whole. */
export function CopyId({ id, length = 8 }: { readonly id: string; readonly length?: number }) {
  const [copied, copy] = useCopy(id);
  const short = id.length <= length + 4 ? id : `${id.slice(0, length)}…${id.slice(-4)}`;
  return (
    <button
      type="button"
      onClick={copy}
      title={`${id}: click to copy`}
      className="group inline-flex items-center gap-1 rounded-sm font-mono text-xs whitespace-nowrap text-ink-muted hover:text-ink"
    >
      {short}
      {copied ? (
        <Check className="size-3 text-allow" aria-hidden />
      ) : (
        <Copy className="size-3 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100" aria-hidden />
      )}
      <span className="sr-only" aria-live="polite">
        {copied ? "copied" : ""}
      </span>
    </button>
  );
}

/** One line to copy into a terminal. A `secret` part is shown as dots but copied whole. */
export function CopyLine({
  label,
  text,
  shown,
  wrap = false,
}: {
  readonly label: string;
  readonly text: string;
  readonly shown?: string;
  readonly wrap?: boolean;
}) {
  const [copied, copy] = useCopy(text);
  return (
    <div className="flex min-w-0 items-stretch overflow-hidden rounded-md border border-line bg-sunken">
      <div
        tabIndex={0}
        role="group"
        aria-label={label}
        data-inset-focus=""
        className={classes(
          "min-w-0 flex-1 px-3 py-2 font-mono text-xs text-ink",
          wrap ? "break-all whitespace-pre-wrap" : "overflow-x-auto whitespace-pre",
        )}
      >
        {shown ?? text}
      </div>
      <button
        type="button"
        onClick={copy}
        data-inset-focus=""
        aria-label={`Copy: ${label}`}
        className="flex w-20 shrink-0 items-center justify-center gap-1.5 border-l border-line text-xs font-medium text-ink-muted hover:bg-hover hover:text-ink"
      >
        {copied ? <Check className="size-3.5 text-allow" aria-hidden /> : <Copy className="size-3.5" aria-hidden />}
        <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}
