"use client";
import { Check, ChevronDown, Copy } from "lucide-react";
import { useMemo, useState } from "react";
import { classes } from "./classes.ts";
import { Exact } from "./exact.tsx";
import { exactText } from "./exact-pieces.ts";
import { type SqlToken, type SqlTokenKind, sqlTokens } from "./sql-tokens.ts";

const colours: Record<SqlTokenKind, string> = {
  keyword: "text-[var(--syntax-keyword)] font-medium",
  string: "text-[var(--syntax-string)]",
  number: "text-[var(--syntax-number)]",
  parameter: "text-[var(--syntax-type)]",
  comment: "text-[var(--syntax-comment)] italic",
  name: "text-ink",
  punctuation: "text-ink-muted",
  space: "",
};

const foldedLines = 12;
const foldedCharacters = 900;

/** What a statement touched, as `schema.name`; used to mark the names in its text. */
export interface TouchedObjects {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

function lastPart(name: string): string {
  return (name.split(".").at(-1) ?? name).replaceAll('"', "").toLowerCase();
}

function Piece({ token, reads, writes }: { token: SqlToken; reads: ReadonlySet<string>; writes: ReadonlySet<string> }) {
  if (token.kind === "space") return <Exact text={token.text} />;
  const name = token.kind === "name" ? lastPart(token.text) : "";
  if (writes.has(name)) {
    return (
      <mark
        title="written"
        className="bg-transparent text-ink underline decoration-chart-deny decoration-2 underline-offset-4"
      >
        <Exact text={token.text} />
      </mark>
    );
  }
  if (reads.has(name)) {
    return (
      <mark
        title="read"
        className="bg-transparent text-ink underline decoration-accent decoration-dotted underline-offset-4"
      >
        <Exact text={token.text} />
      </mark>
    );
  }
  return (
    <span className={colours[token.kind]}>
      <Exact text={token.text} />
    </span>
  );
}

/** A statement as its author wrote it, hidden characters shown: monospace, coloured, read and written objects marked, folded when long. */
export function Statement({
  text,
  touched,
  cut = false,
}: {
  readonly text: string;
  readonly touched?: TouchedObjects | undefined;
  /** the record holds only the beginning */
  readonly cut?: boolean;
}) {
  const long = text.length > foldedCharacters || text.split("\n").length > foldedLines;
  const [open, setOpen] = useState(!long);
  const [copied, setCopied] = useState(false);
  const tokens = useMemo(() => sqlTokens(text), [text]);
  const reads = useMemo(() => new Set(touched?.reads.map(lastPart)), [touched]);
  const writes = useMemo(() => new Set(touched?.writes.map(lastPart)), [touched]);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <figure className="group relative overflow-hidden rounded-md border border-line bg-sunken" aria-label="Statement">
      <pre
        tabIndex={0}
        data-inset-focus=""
        className={classes(
          "overflow-x-auto px-4 py-3 text-sm leading-6 break-words whitespace-pre-wrap",
          !open && "max-h-72 overflow-y-hidden [mask-image:linear-gradient(#000_70%,transparent)]",
        )}
      >
        <code>
          {tokens.map((token, index) => (
            <Piece key={index} token={token} reads={reads} writes={writes} />
          ))}
          {cut ? <span className="text-ink-faint italic"> … cut here; the digest covers the whole text</span> : null}
        </code>
      </pre>
      <button
        type="button"
        onClick={copy}
        aria-label="Copy the statement"
        className="absolute top-2 right-2 inline-flex size-7 items-center justify-center rounded-md border border-line bg-raised text-ink-muted opacity-0 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100"
      >
        {copied ? <Check className="size-3.5 text-allow" /> : <Copy className="size-3.5" />}
      </button>
      {long ? (
        <button
          type="button"
          onClick={() => setOpen(!open)}
          aria-expanded={open}
          data-inset-focus=""
          className="flex w-full items-center justify-center gap-1 border-t border-line py-1.5 text-xs font-medium text-ink-muted hover:bg-hover hover:text-ink"
        >
          <ChevronDown className={classes("size-3.5 transition-transform", open && "rotate-180")} aria-hidden />
          {open ? "Fold" : `Show all ${text.split("\n").length} lines`}
        </button>
      ) : null}
    </figure>
  );
}

/** A statement in one row of a list: coloured, one line, cut by the row's width. */
export function StatementLine({ text }: { readonly text: string }) {
  const tokens = useMemo(() => sqlTokens(text.slice(0, 300).replaceAll(/[ \t\r\n]+/g, " ")), [text]);
  return (
    <code className="block truncate text-xs" title={exactText(text.slice(0, 600))}>
      {tokens.map((token, index) => (
        <span key={`${index}${token.text}`} className={colours[token.kind]}>
          <Exact text={token.text} />
        </span>
      ))}
    </code>
  );
}
