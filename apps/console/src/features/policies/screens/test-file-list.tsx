"use client";
import { CircleCheck, CircleX, FileText, Plus } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { Menu, MenuItem } from "../../../ui/menu.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { ChangedDot } from "./set-note.tsx";
import { ENTITIES_FILE, type TestFiles, testFileName } from "./test-file.ts";
import type { LiveTests } from "./use-tests.ts";

/** The files of tests, each with how its tests go and whether it was changed, and the way to a new one. */
export function TestFileList({
  files,
  published,
  run,
  picked,
  onPick,
  onAdd,
}: {
  readonly files: TestFiles;
  readonly published: TestFiles;
  readonly run: LiveTests["run"];
  readonly picked: string | null;
  readonly onPick: (file: string) => void;
  /** null for readers */
  readonly onAdd: ((file: string) => void) | null;
}) {
  const names = Object.keys(files).toSorted();
  const list = useRef<HTMLUListElement>(null);
  const current = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // by hand: scrollIntoView would move the page as well
    const [box, row] = [list.current, current.current];
    if (picked === null || box === null || row === null) return;
    const [outer, inner] = [box.getBoundingClientRect(), row.getBoundingClientRect()];
    if (inner.top < outer.top) box.scrollTop += inner.top - outer.top;
    if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
  }, [picked]);
  const free = ["org", "more", "extra"].map((name) => `${name}.policy-tests.json`).find((name) => !(name in files));
  return (
    <Panel
      flush
      title="Files"
      description={`${names.length} ${names.length === 1 ? "file" : "files"}`}
      actions={
        onAdd === null ? null : (
          <Menu
            trigger={
              <Button size="sm" icon={<Plus aria-hidden />}>
                Add
              </Button>
            }
          >
            {free === undefined ? null : (
              <MenuItem icon={<FileText aria-hidden />} onSelect={() => onAdd(free)}>
                Tests of several policies
              </MenuItem>
            )}
            {ENTITIES_FILE in files ? null : (
              <MenuItem icon={<FileText aria-hidden />} onSelect={() => onAdd(ENTITIES_FILE)}>
                People and things for all tests
              </MenuItem>
            )}
            {(run?.uncovered ?? []).slice(0, 8).map((id) => (
              <MenuItem key={id} icon={<FileText aria-hidden />} onSelect={() => onAdd(id)}>
                Tests of {id}
              </MenuItem>
            ))}
          </Menu>
        )
      }
    >
      <ul ref={list} aria-label="Files of tests" className="max-h-52 overflow-y-auto lg:max-h-96">
        {names.map((file) => (
          <li key={file} className="border-b border-line last:border-b-0">
            <button
              type="button"
              data-inset-focus=""
              ref={file === picked ? current : null}
              aria-current={file === picked ? "true" : undefined}
              onClick={() => onPick(file)}
              className={classes(
                "flex w-full items-center gap-2 px-4 py-1.5 text-left hover:bg-hover",
                file === picked ? "bg-selected" : "",
              )}
            >
              <Standing file={file} run={run} />
              <span className="min-w-0 flex-1 text-xs break-words text-ink">{testFileName(file)}</span>
              {files[file] === published[file] ? null : <ChangedDot />}
            </button>
          </li>
        ))}
        {names.length === 0 ? <li className="px-4 py-3 text-sm text-ink-muted">None yet.</li> : null}
      </ul>
    </Panel>
  );
}

function Standing({ file, run }: { readonly file: string; readonly run: LiveTests["run"] }) {
  const cases = run?.cases.filter((test) => test.file === file) ?? [];
  const bad = run?.problems.some((problem) => problem.file === file) || cases.some(({ passed }) => !passed);
  if (bad) return <CircleX className="size-3.5 shrink-0 text-deny" role="img" aria-label="fails" />;
  if (cases.length === 0) return <FileText className="size-3.5 shrink-0 text-ink-faint" aria-hidden />;
  return <CircleCheck className="size-3.5 shrink-0 text-allow" role="img" aria-label="passes" />;
}
