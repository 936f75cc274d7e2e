"use client";
import { ShieldBan, ShieldCheck } from "lucide-react";
import type { Outputs } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Panel } from "../../../ui/panel.tsx";

type Policy = Outputs["policies"]["current"]["policies"][number];

/** The policies of one set by name, in plain words where they have some; each leads to its text. */
export function Outline({
  policies,
  text,
  onPick,
}: {
  readonly policies: readonly Policy[];
  readonly text: string;
  readonly onPick: (offset: number) => void;
}) {
  return (
    <Panel
      flush
      title="In this set"
      description={`${policies.length} ${policies.length === 1 ? "policy" : "policies"}`}
      className="self-start"
    >
      <ul className="max-h-[calc(100dvh-19rem)] overflow-y-auto">
        {policies.map((policy) => {
          const at = text.indexOf(`@id("${policy.id}")`);
          const asks = policy.annotations["require_approval"] !== undefined;
          const Icon = policy.effect === "forbid" ? ShieldBan : ShieldCheck;
          return (
            <li key={policy.id} className="border-b border-line last:border-b-0">
              <button
                type="button"
                data-inset-focus=""
                onClick={() => onPick(Math.max(0, at))}
                className="flex w-full items-start gap-2.5 px-4 py-2 text-left hover:bg-hover"
              >
                <Icon
                  className={`mt-0.5 size-4 shrink-0 ${policy.effect === "forbid" ? (asks ? "text-ask" : "text-deny") : "text-allow"}`}
                  role="img"
                  aria-label={policy.effect}
                />
                <span className="min-w-0 flex-1">
                  <code className="block text-xs font-medium break-words text-ink">{policy.id}</code>
                  {policy.description === null ? null : (
                    <span className="block text-xs text-ink-muted">{policy.description}</span>
                  )}
                  {asks ? <Badge tone="warn">asks {policy.annotations["require_approval"]}</Badge> : null}
                </span>
              </button>
            </li>
          );
        })}
        {policies.length === 0 ? <li className="px-4 py-3 text-ink-muted">None.</li> : null}
      </ul>
    </Panel>
  );
}
