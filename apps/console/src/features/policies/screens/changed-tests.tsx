import { DiffView } from "../../../ui/diff-view.tsx";
import type { TestFiles } from "./test-file.ts";

/** The files of tests that differ, each folded until it is asked for; nothing when none does. */
export function ChangedTests({ before, after }: { readonly before: TestFiles; readonly after: TestFiles }) {
  const files = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const changed = files.filter((file) => before[file] !== after[file]);
  if (changed.length === 0) return null;
  return (
    <section aria-label="Change of tests" className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold text-ink">Tests that change</h3>
      {changed.map((file) => (
        <details key={file} className="min-w-0 rounded-md border border-line" open={changed.length === 1}>
          <summary className="cursor-pointer px-3 py-1.5 text-sm text-ink hover:bg-hover">
            <code className="text-xs wrap-anywhere">{file}</code>{" "}
            <span className="text-xs text-ink-muted">{wordOf(before[file], after[file])}</span>
          </summary>
          <div className="border-t border-line p-2">
            <DiffView before={before[file] ?? ""} after={after[file] ?? ""} label={`Lines that change in ${file}`} />
          </div>
        </details>
      ))}
    </section>
  );
}

function wordOf(before: string | undefined, after: string | undefined): string {
  if (before === undefined || before === "") return "added";
  return after === undefined || after === "" ? "removed" : "changed";
}
