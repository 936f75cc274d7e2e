"use client";
import { Trash2, WandSparkles } from "lucide-react";
import { useMemo } from "react";
import { Button } from "../../../ui/button.tsx";
import { CodeEditor, type CompleteWord } from "../../../ui/code-editor.tsx";
import { formatJson, remarkAt } from "./test-file.ts";
import type { LiveTests } from "./use-tests.ts";

/** One file of tests with its mistakes and failing tests in place. ⌘S formats it. */
export function TestEditor({
  file,
  text,
  run,
  goTo,
  complete,
  onChange,
  onRemove,
}: {
  readonly file: string;
  readonly text: string;
  readonly run: LiveTests["run"];
  /** moves the caret there; a new object moves again */
  readonly goTo: { readonly offset: number } | null;
  readonly complete: CompleteWord;
  /** null for readers */
  readonly onChange: ((text: string) => void) | null;
  readonly onRemove: () => void;
}) {
  const remarks = useMemo(
    () => [
      ...(run?.problems ?? [])
        .filter((problem) => problem.file === file)
        .map((problem) => remarkAt(text, problem, problem.message)),
      ...(run?.cases ?? [])
        .filter((test) => test.file === file && !test.passed)
        .map((test) => remarkAt(text, test, test.failures.join("\n"))),
    ],
    [run, file, text],
  );
  return (
    <section
      aria-label={file}
      className="flex h-[26rem] min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-card"
    >
      <header className="flex min-h-10 items-center gap-2 border-b border-line px-4 py-1">
        <h2 className="min-w-0 flex-1 truncate font-mono text-xs text-ink" title={file}>
          {file}
        </h2>
        {onChange === null ? null : (
          <>
            <Button
              size="sm"
              tone="quiet"
              icon={<WandSparkles aria-hidden />}
              onClick={() => onChange(formatJson(text))}
            >
              Format
            </Button>
            <Button size="sm" tone="quiet" icon={<Trash2 aria-hidden />} onClick={onRemove}>
              Remove
            </Button>
          </>
        )}
      </header>
      <div className="min-h-0 flex-1">
        <CodeEditor
          language="json"
          label={`Tests in ${file}`}
          text={text}
          problems={remarks}
          readOnly={onChange === null}
          goTo={goTo}
          complete={complete}
          onChange={(next) => onChange?.(next)}
          onSave={() => onChange?.(formatJson(text))}
        />
      </div>
    </section>
  );
}
