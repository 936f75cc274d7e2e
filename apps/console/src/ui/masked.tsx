import { EyeOff } from "lucide-react";

/** Something hidden by masking: its data class and how many cells, never the value. */
export function Masked({ dataClass, cells }: { readonly dataClass: string; readonly cells?: number }) {
  return (
    <span className="inline-flex h-5 items-center gap-1 rounded-sm bg-mask-soft px-1.5 font-mono text-xs text-mask">
      <EyeOff className="size-3" aria-hidden />
      {dataClass}
      {cells === undefined ? null : (
        <span className="font-sans">
          · {cells.toLocaleString("en")} {cells === 1 ? "cell" : "cells"}
        </span>
      )}
      <span className="sr-only"> masked</span>
    </span>
  );
}
