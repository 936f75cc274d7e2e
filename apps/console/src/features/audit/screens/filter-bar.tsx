"use client";
import { Search, X } from "lucide-react";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useRef, useState, useTransition } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { classes } from "../../../ui/classes.ts";
import { Input, Select } from "../../../ui/form.tsx";
import { isVerdict, Verdict, type VerdictKind, verdictKinds, verdictWord } from "../../../ui/verdict.tsx";
import { changedQuery, ranges } from "./filter-url.ts";

const typingPauseMs = 250;
const chips = ["action", "dataClass", "policy", "sessionId", "approvalId"] as const;
const chipNames: Record<(typeof chips)[number], string> = {
  action: "action",
  dataClass: "data class",
  policy: "policy",
  sessionId: "session",
  approvalId: "approval",
};

/** Which filters a list offers, and what they can be set to. */
interface Offer {
  readonly facets: Outputs["audit"]["facets"];
  readonly withTime: boolean;
}

/** Narrows a list of records. All of it stands in the address, so a link shows a colleague the same. */
export function FilterBar({ facets, withTime }: Offer) {
  const router = useRouter();
  const params = useSearchParams();
  const [pending, startTransition] = useTransition();
  const change = (changes: Readonly<Record<string, string | null>>): void => {
    startTransition(() =>
      router.replace(`${window.location.pathname}${changedQuery(params, changes)}`, { scroll: false }),
    );
  };
  const set = (name: string): string => params.get(name) ?? "";
  const verdicts = set("verdicts").split(",").filter(isVerdict);
  const toggle = (kind: VerdictKind): void => {
    const next = verdicts.includes(kind) ? verdicts.filter((each) => each !== kind) : [...verdicts, kind];
    change({ verdicts: next.length === 0 ? null : next.join(",") });
  };
  const filtered = [...params.keys()].some((name) => name !== "range");
  return (
    <search aria-label="Filter" aria-busy={pending} className="flex flex-wrap items-center gap-2 pb-3">
      <TextFilter value={set("text")} onChange={(text) => change({ text })} />
      <fieldset className="flex overflow-hidden rounded-md border border-line-strong bg-surface">
        <legend className="sr-only">Verdict</legend>
        {verdictKinds.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={verdicts.includes(kind)}
            aria-label={verdictWord(kind)}
            data-inset-focus=""
            onClick={() => toggle(kind)}
            className={classes(
              "flex h-7.5 items-center border-r border-line px-2 last:border-r-0 hover:bg-hover",
              verdicts.includes(kind) && "bg-selected",
            )}
          >
            <Verdict kind={kind} plain />
          </button>
        ))}
      </fieldset>
      <Choice label="Who" value={set("principal")} onChange={(principal) => change({ principal })}>
        {facets.principals.map((each) => ({ value: each.handle, label: each.handle }))}
      </Choice>
      <Choice label="Resource" value={set("resource")} onChange={(resource) => change({ resource })}>
        {facets.resources.map((name) => ({ value: name, label: name }))}
      </Choice>
      {withTime ? (
        <>
          <Choice label="Kind" value={set("kinds")} onChange={(kinds) => change({ kinds })}>
            {[
              { value: "exchange", label: "Exchanges" },
              { value: "session", label: "Sessions" },
              { value: "change", label: "Changes" },
            ]}
          </Choice>
          <Select
            aria-label="Time"
            value={set("range") === "" ? "7d" : set("range")}
            onChange={(event) => change({ range: event.target.value })}
          >
            {ranges.map((range) => (
              <option key={range.value} value={range.value}>
                {range.label}
              </option>
            ))}
          </Select>
        </>
      ) : null}
      {chips
        .filter((name) => set(name) !== "")
        .map((name) => (
          <Button
            key={name}
            size="sm"
            onClick={() => change({ [name]: null })}
            aria-label={`Remove filter ${chipNames[name]}`}
          >
            {chipNames[name]}: <span className="max-w-40 truncate font-mono">{set(name)}</span>
            <X aria-hidden />
          </Button>
        ))}
      {filtered ? (
        <Button size="sm" tone="quiet" onClick={() => router.replace(window.location.pathname)}>
          Clear
        </Button>
      ) : null}
    </search>
  );
}

function TextFilter({ value, onChange }: { readonly value: string; readonly onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const typing = useRef(false);
  // the address may change from outside (back button, palette); what is being typed wins
  useEffect(() => {
    if (!typing.current) setText(value);
  }, [value]);
  return (
    <span className="relative w-full sm:w-64">
      <Search
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-ink-faint"
        aria-hidden
      />
      <Input
        type="search"
        aria-label="Search statements"
        placeholder="Search statements…"
        value={text}
        className="pl-8"
        onChange={(event) => {
          const next = event.target.value;
          typing.current = true;
          setText(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            typing.current = false;
            onChange(next);
          }, typingPauseMs);
        }}
      />
    </span>
  );
}

function Choice({
  label,
  value,
  onChange,
  children,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: readonly { readonly value: string; readonly label: string }[];
}) {
  const known = value === "" || children.some((each) => each.value === value);
  return (
    <Select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{label}: any</option>
      {known ? null : <option value={value}>{value}</option>}
      {children.map((each) => (
        <option key={each.value} value={each.value}>
          {each.label}
        </option>
      ))}
    </Select>
  );
}
