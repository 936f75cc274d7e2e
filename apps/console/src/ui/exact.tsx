import { exactPieces } from "./exact-pieces.ts";

/**
 * A text that people decide by, so that it looks like nothing but itself: characters that would not be seen, or that turn the
 * text beside them round, stand there by their code points. What is written from right to left stays within it.
 */
export function Exact({ text }: { readonly text: string }) {
  return (
    <span className="[unicode-bidi:isolate]">
      {exactPieces(text).map(({ code, text: piece }, index) =>
        code === undefined ? (
          piece
        ) : (
          <span
            key={index}
            title="A character that does not show by itself"
            className="mx-px rounded-sm bg-deny-soft px-0.5 font-mono text-xs font-medium text-deny not-italic"
          >
            {code}
          </span>
        ),
      )}
    </span>
  );
}
