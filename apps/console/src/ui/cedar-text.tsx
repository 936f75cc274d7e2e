import { classHighlighter, highlightTree } from "@lezer/highlight";
import { cedarLanguage } from "codemirror-lang-cedar";
import type { ReactNode } from "react";
import { Exact } from "./exact.tsx";

/** Cedar policy text, coloured by the editor's own grammar, hidden characters shown; renders on the server too. */
export function CedarText({ text, label }: { readonly text: string; readonly label: string }) {
  const pieces: ReactNode[] = [];
  let at = 0;
  highlightTree(cedarLanguage.parser.parse(text), classHighlighter, (from, to, look) => {
    if (from > at) pieces.push(<Exact key={`before${from}`} text={text.slice(at, from)} />);
    pieces.push(
      <span key={from} className={look}>
        <Exact text={text.slice(from, to)} />
      </span>,
    );
    at = to;
  });
  pieces.push(<Exact key="rest" text={text.slice(at)} />);
  return (
    <pre
      tabIndex={0}
      role="region"
      aria-label={label}
      className="cedar overflow-x-auto rounded-md border border-line bg-sunken px-3 py-2.5 text-xs leading-5 text-ink"
    >
      <code>{pieces}</code>
    </pre>
  );
}
