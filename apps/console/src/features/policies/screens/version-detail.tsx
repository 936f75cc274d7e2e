"use client";
import { GitCompareArrows, Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Outputs } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Button, ButtonLink } from "../../../ui/button.tsx";
import { CedarText } from "../../../ui/cedar-text.tsx";
import { PageHeader, Panel } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { Time } from "../../../ui/time.tsx";
import { StartShadow } from "../../shadow/view.ts";
import { policySetNameSchema } from "../schemas.ts";
import { PublishDialog } from "./publish-dialog.tsx";
import { VersionDiff } from "./version-diff.tsx";

type Version = Outputs["policies"]["version"];

/** One version: what it changed, its whole text, and the way back to it. */
export function VersionDetail({
  version,
  current,
  diff,
  mayWrite,
}: {
  readonly version: Version;
  /** the version in force */
  readonly current: Version;
  readonly diff: Outputs["policies"]["diff"];
  readonly mayWrite: boolean;
}) {
  return (
    <>
      <PageHeader
        back={{ href: "/policies/versions", label: "Versions" }}
        title={
          <span className="inline-flex items-center gap-2.5">
            Version {version.version}
            {version.current ? <Badge tone="good">in force</Badge> : null}
          </span>
        }
        description={
          <>
            {version.note === "" ? "No note" : version.note}, by {version.author?.handle ?? "Sluice"}
            {version.approvedBy === null ? "" : `, approved by ${version.approvedBy.handle}`},{" "}
            <Time at={version.createdAt} />
          </>
        }
        actions={
          version.current ? undefined : <VersionActions version={version} current={current} mayWrite={mayWrite} />
        }
      />
      <div className="flex flex-col gap-4">
        {version.testsOverride === null ? null : (
          <Callout
            tone="warn"
            title={`Published although ${version.testsFailed} ${version.testsFailed === 1 ? "test" : "tests"} failed`}
          >
            {version.testsOverride}
          </Callout>
        )}
        {diff.from === 0 ? null : <VersionDiff diff={diff} view="unified" />}
        {policySetNameSchema.options.map((set) => (
          <Panel key={set} title={`All ${set}`}>
            <CedarText text={version.sets[set]} label={`All ${set} of version ${version.version}`} />
          </Panel>
        ))}
      </div>
    </>
  );
}

function VersionActions({
  version,
  current,
  mayWrite,
}: {
  readonly version: Version;
  readonly current: Version;
  readonly mayWrite: boolean;
}) {
  return (
    <>
      <ButtonLink href={`/policies/versions/compare?from=${version.version}`} icon={<GitCompareArrows aria-hidden />}>
        Compare with what is in force
      </ButtonLink>
      {mayWrite ? (
        <>
          <StartShadow sets={version.sets} note={`Back to version ${version.version}`} />
          <RollBack version={version} current={current} />
        </>
      ) : null}
    </>
  );
}

function RollBack({ version, current }: { readonly version: Version; readonly current: Version }) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<Undo2 aria-hidden />} onClick={() => setOpen(true)}>
        Roll back to this
      </Button>
      <PublishDialog
        open={open}
        onOpenChange={setOpen}
        base={current}
        content={version}
        source={{ kind: "version", version: version.version }}
        note={`Roll back to version ${version.version}`}
        warnings={0}
        onPublished={async () => {
          router.push("/policies/versions");
          router.refresh();
        }}
      />
    </>
  );
}
