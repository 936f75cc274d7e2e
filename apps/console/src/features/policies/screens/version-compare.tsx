"use client";
import { ArrowLeftRight } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { IconButton } from "../../../ui/button.tsx";
import { Select } from "../../../ui/form.tsx";
import { PageHeader } from "../../../ui/panel.tsx";

import { type CompareView, VersionDiff } from "./version-diff.tsx";

type Diff = Outputs["policies"]["diff"];

/** Any two versions against each other: which policies differ, then the lines. The address carries what is compared. */
export function VersionCompare({
  diff,
  view,
  versions,
}: {
  readonly diff: Diff;
  readonly view: CompareView;
  readonly versions: readonly Pick<Outputs["policies"]["versions"]["items"][number], "version" | "note" | "current">[];
}) {
  const router = useRouter();
  const [, start] = useTransition();
  const go = (from: number, to: number, next: CompareView): void =>
    start(() => router.replace(`/policies/versions/compare?from=${from}&to=${to}&view=${next}`, { scroll: false }));
  const pick = (label: string, value: number, onPick: (version: number) => void) => (
    <Select
      aria-label={label}
      className="w-full sm:w-auto"
      value={value}
      onChange={(event) => onPick(Number(event.target.value))}
    >
      {versions.map((each) => (
        <option key={each.version} value={each.version}>
          v{each.version}
          {each.current ? ", in force" : ""}
          {each.note === "" ? "" : `: ${each.note.slice(0, 60)}`}
        </option>
      ))}
    </Select>
  );
  return (
    <>
      <PageHeader
        back={{ href: "/policies/versions", label: "Versions" }}
        title={`Version ${diff.from} against ${diff.to}`}
        description="What was taken away is red, what was added green."
      />
      <div className="flex flex-wrap items-center gap-2 pb-4">
        {pick("From version", diff.from, (version) => go(version, diff.to, view))}
        <IconButton label="Swap" onClick={() => go(diff.to, diff.from, view)}>
          <ArrowLeftRight aria-hidden />
        </IconButton>
        {pick("To version", diff.to, (version) => go(diff.from, version, view))}
        <Select
          aria-label="Layout"
          // narrow windows have room for one column only
          className="ml-auto max-md:hidden"
          value={view}
          onChange={(event) =>
            go(diff.from, diff.to, event.target.value === "side-by-side" ? "side-by-side" : "unified")
          }
        >
          <option value="unified">Unified</option>
          <option value="side-by-side">Side by side</option>
        </Select>
      </div>
      <VersionDiff diff={diff} view={view} />
    </>
  );
}
