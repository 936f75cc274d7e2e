"use client";
import { useState } from "react";
import { Principal } from "../../../ui/avatar.tsx";
import { TabPanel, Tabs } from "../../../ui/tabs.tsx";
import type { ImpactResult } from "../impact-schemas.ts";
import { flipArea } from "./flip-label.tsx";
import { countedKinds, entityName, flipText } from "./flip-words.ts";

type Group = ImpactResult["byPolicy"][number];
type By = "policy" | "principal" | "resource";
const rowsFolded = 8;

/** What flips by policy, by principal and by resource: most first, each with a bar of its kinds. */
export function ImpactGroups({ result }: { readonly result: ImpactResult }) {
  const [by, setBy] = useState<By>("policy");
  const groups = { policy: result.byPolicy, principal: result.byPrincipal, resource: result.byResource }[by];
  return (
    <Tabs<By>
      label="Group by"
      value={by}
      onChange={setBy}
      tabs={[
        { id: "policy", label: "By policy", note: <Note count={result.byPolicy.length} /> },
        { id: "principal", label: "By principal", note: <Note count={result.byPrincipal.length} /> },
        { id: "resource", label: "By resource", note: <Note count={result.byResource.length} /> },
      ]}
    >
      <TabPanel id={by}>
        <GroupList key={by} by={by} groups={groups} />
      </TabPanel>
    </Tabs>
  );
}

function Note({ count }: { readonly count: number }) {
  return <span className="text-xs text-ink-muted tabular-nums">{count}</span>;
}

function GroupList({ by, groups }: { readonly by: By; readonly groups: readonly Group[] }) {
  const [all, setAll] = useState(false);
  const most = Math.max(1, ...groups.map(({ records }) => records));
  const shown = all ? groups : groups.slice(0, rowsFolded);
  return (
    <>
      <ul className="flex flex-col gap-1" aria-label={`Flips by ${by}`}>
        {shown.map((group) => (
          <li key={group.name} className="grid grid-cols-[minmax(0,1fr)_minmax(3rem,9rem)_3.5rem] items-center gap-3">
            <span className="min-w-0 truncate text-sm" title={group.name}>
              <GroupName by={by} name={group.name} />
            </span>
            <span className="flex h-2 overflow-hidden rounded-sm bg-sunken" aria-hidden>
              {countedKinds(group.kinds).map(({ count, kind }) => (
                <span key={kind} className={flipArea(kind)} style={{ width: `${(count / most) * 100}%` }} />
              ))}
            </span>
            <span
              className="text-right text-sm text-ink tabular-nums"
              title={countedKinds(group.kinds)
                .map(({ count, kind }) => `${flipText(kind)}: ${count}`)
                .join(", ")}
            >
              {group.records.toLocaleString("en")}
            </span>
          </li>
        ))}
        {groups.length === 0 ? (
          <li className="text-sm text-ink-muted">No policy determines these: nothing permits any more.</li>
        ) : null}
      </ul>
      {groups.length > rowsFolded && !all ? (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="mt-2 text-xs font-medium text-accent hover:underline"
        >
          Show all {groups.length}
        </button>
      ) : null}
    </>
  );
}

function GroupName({ by, name }: { readonly by: By; readonly name: string }) {
  if (by === "policy") return <code className="text-xs font-medium text-ink">{name}</code>;
  const { id, type } = entityName(name);
  if (by === "principal") return <Principal type={type} handle={id} />;
  return (
    <>
      <span className="text-ink-muted">{type} </span>
      <span className="font-medium text-ink">{id}</span>
    </>
  );
}
