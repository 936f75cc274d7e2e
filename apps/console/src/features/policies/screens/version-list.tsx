"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Columns, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";

/** Every state of policy that was ever published, newest first. */
export function VersionList({ first }: { readonly first: Outputs["policies"]["versions"] }) {
  const api = useApi();
  const list = useInfiniteQuery(
    api.policies.versions.infiniteQueryOptions(
      { limit: 50 },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        initialData: { pages: [first], pageParams: [null] },
      },
    ),
  );
  const newest = list.data.pages[0]?.items[0]?.version ?? 1;
  return (
    <Panel flush>
      <Table label="Policy versions">
        <Columns names={["Version", "What and why", "Policies", "By", "When", "Compare"]} />
        <tbody>
          {list.data.pages
            .flatMap((page) => page.items)
            .map((version) => (
              <Tr key={version.version}>
                <Td>
                  <Link
                    href={`/policies/versions/${version.version}`}
                    className="inline-flex items-center gap-2 font-medium text-ink tabular-nums hover:text-accent hover:underline"
                  >
                    v{version.version}
                    {version.current ? <Badge tone="good">in force</Badge> : null}
                  </Link>
                </Td>
                <Td>{version.note === "" ? <span className="text-ink-muted">No note</span> : version.note}</Td>
                <Td className="whitespace-nowrap text-ink-muted tabular-nums">{countsOf(version)}</Td>
                <Td className="text-ink-muted">{version.author?.handle ?? "Sluice"}</Td>
                <Td className="text-ink-muted">
                  <Time at={version.createdAt} />
                </Td>
                <Td className="whitespace-nowrap">
                  {version.current ? (
                    <span className="text-ink-faint">in force</span>
                  ) : (
                    <Link
                      href={`/policies/versions/compare?from=${version.version}&to=${newest}`}
                      className="text-accent hover:underline"
                    >
                      with v{newest}
                    </Link>
                  )}
                </Td>
              </Tr>
            ))}
        </tbody>
      </Table>
      {list.hasNextPage ? (
        <div className="p-3 text-center">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function countsOf({ added, changed, removed }: Outputs["policies"]["versions"]["items"][number]): string {
  const parts = [
    [added, "added"],
    [changed, "changed"],
    [removed, "removed"],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return said.length === 0 ? "none" : said.join(", ");
}
