"use client";
import Link from "next/link";
import { Badge } from "../../../ui/badge.tsx";
import { Columns, Table, Td } from "../../../ui/table.tsx";
import { TabPanel, Tabs } from "../../../ui/tabs.tsx";
import type { FlipGroup } from "../schemas.ts";
import { type FlipDimension, flipsBy, flipWords, type NamedFlips, whoOf } from "./flip-words.ts";

const rowsMax = 200;

const dimensions: readonly { readonly id: FlipDimension; readonly label: string }[] = [
  { id: "policy", label: "By policy" },
  { id: "principal", label: "By principal" },
  { id: "resource", label: "By resource" },
];

/** What would be answered differently, grouped by one side, with examples that lead to their records. */
export function FlipTable({
  groups,
  by,
  onBy,
}: {
  readonly groups: readonly FlipGroup[];
  readonly by: FlipDimension;
  readonly onBy: (by: FlipDimension) => void;
}) {
  const named = flipsBy(groups, by);
  return (
    <Tabs label="Group what would change" tabs={dimensions} value={by} onChange={onBy}>
      <TabPanel id={by}>
        <Table label={`What would change, ${by} by ${by}`}>
          <Columns names={["Change", "Who", "Action", "On", { right: "Exchanges" }, "Examples"]} />
          {named.slice(0, rowsMax).map((one) => (
            <NamedRows key={one.name} named={one} />
          ))}
        </Table>
        {named.length > rowsMax ? (
          <p className="pt-3 text-sm text-ink-muted">And {named.length - rowsMax} more names with fewer exchanges.</p>
        ) : null}
      </TabPanel>
    </Tabs>
  );
}

function NamedRows({ named }: { readonly named: NamedFlips }) {
  return (
    <tbody className="border-b border-line last:border-b-0">
      <tr className="bg-sunken/60">
        <th scope="rowgroup" colSpan={4} className="px-4 py-1.5 text-left font-mono text-xs font-semibold text-ink">
          {named.name}
        </th>
        <td className="px-4 py-1.5 text-right font-semibold tabular-nums">{named.count.toLocaleString("en")}</td>
        <td className="px-4 text-xs text-ink-muted">in all</td>
      </tr>
      {named.groups.map((group) => (
        <tr key={`${group.kind} ${whoOf(group)} ${group.action} ${group.resource} ${group.policies.join(" ")}`}>
          <Td>
            <span title={flipWords[group.kind].long}>
              <Badge tone={flipWords[group.kind].tone}>{flipWords[group.kind].short}</Badge>
            </span>
          </Td>
          <Td className="font-mono text-xs">{whoOf(group)}</Td>
          <Td className="font-mono text-xs">{group.action}</Td>
          <Td className="font-mono text-xs">{group.resource}</Td>
          <Td className="text-right tabular-nums">{group.count.toLocaleString("en")}</Td>
          <Td>
            <span className="flex flex-wrap gap-x-2">
              {group.exchangeIds.map((id) => (
                <Link key={id} href={`/audit/${id}`} className="font-mono text-xs text-accent hover:underline">
                  {id.slice(-8)}
                </Link>
              ))}
            </span>
          </Td>
        </tr>
      ))}
    </tbody>
  );
}
