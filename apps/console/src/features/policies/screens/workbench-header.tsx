"use client";
import { FilePen, Ghost, History, MessageCircleQuestionMark, Rocket } from "lucide-react";
import type { Outputs } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { Button, ButtonLink } from "../../../ui/button.tsx";
import { PageHeader } from "../../../ui/panel.tsx";
import { Callout } from "../../../ui/states.tsx";
import { StartShadow } from "../../shadow/view.ts";
import { SaveDraft } from "./save-draft.tsx";
import type { Content } from "./use-draft.ts";

type Current = Outputs["policies"]["current"];

/** What is in force and how far it has travelled, and the way to publish what was changed. */
export function WorkbenchHeader({
  about,
  current,
  publish,
}: {
  readonly about: string;
  readonly current: Current;
  /** null for readers; disabled while there is nothing publishable */
  readonly publish: {
    readonly ready: boolean;
    readonly content: Content;
    readonly baseVersion: number;
    readonly open: () => void;
  } | null;
}) {
  const { applied, total } = current.rollout;
  return (
    <PageHeader
      title="Policies"
      description={about}
      actions={
        <>
          <Badge tone={applied === total ? "good" : "warn"}>
            v{current.version} applied by {applied} of {total} {total === 1 ? "enforcer" : "enforcers"}
          </Badge>
          <ButtonLink href="/policies/questions" icon={<MessageCircleQuestionMark aria-hidden />}>
            Ask
          </ButtonLink>
          <ButtonLink href="/policies/versions" icon={<History aria-hidden />}>
            Versions
          </ButtonLink>
          <ButtonLink href="/policies/drafts" icon={<FilePen aria-hidden />}>
            Drafts
          </ButtonLink>
          {publish?.ready ? (
            <>
              <StartShadow sets={publish.content.sets} />
              <SaveDraft content={publish.content} baseVersion={publish.baseVersion} />
            </>
          ) : (
            <ButtonLink href="/policies/shadow" icon={<Ghost aria-hidden />}>
              Shadow runs
            </ButtonLink>
          )}
          {publish === null ? null : (
            <Button tone="primary" icon={<Rocket aria-hidden />} disabled={!publish.ready} onClick={publish.open}>
              Publish…
            </Button>
          )}
        </>
      }
    />
  );
}

/** Somebody published while one was writing: shown, not forced on the text. */
export function NewerVersion({
  current,
  dirty,
  onTake,
}: {
  readonly current: Current;
  readonly dirty: boolean;
  readonly onTake: () => void;
}) {
  return (
    <div className="pb-4">
      <Callout
        tone="info"
        live
        title={`Version ${current.version} was published by ${current.author?.handle ?? "somebody"} meanwhile`}
        action={
          <Button size="sm" onClick={onTake}>
            {dirty ? "Compare with it" : "Show it"}
          </Button>
        }
      >
        {current.note === "" ? "What you publish must start from it." : current.note}
      </Callout>
    </div>
  );
}
