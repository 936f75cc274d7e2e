import { Badge, Status, type Tone } from "../../../ui/badge.tsx";
import type { EnforcerRow } from "../schemas.ts";

const looks: Record<EnforcerRow["status"], { readonly tone: Tone; readonly word: string }> = {
  pending: { tone: "warn", word: "Waiting to enrol" },
  online: { tone: "good", word: "Online" },
  offline: { tone: "bad", word: "Offline" },
  banned: { tone: "neutral", word: "Banned" },
};

/** Whether an enforcer is there. */
export function EnforcerState({ enforcer }: { readonly enforcer: Pick<EnforcerRow, "status"> }) {
  const { tone, word } = looks[enforcer.status];
  return <Status tone={tone}>{word}</Status>;
}

/** Applied against desired bundle version: the question one opens the page for. */
export function BundleState({
  enforcer,
}: {
  readonly enforcer: Pick<EnforcerRow, "appliedVersion" | "desiredVersion" | "current" | "refusedReason">;
}) {
  const applied = enforcer.appliedVersion === null ? "none" : `v${enforcer.appliedVersion}`;
  const desired = enforcer.desiredVersion === null ? "none" : `v${enforcer.desiredVersion}`;
  if (enforcer.current) return <Badge tone="good">{applied}, current</Badge>;
  const tone = enforcer.refusedReason === null ? "warn" : "bad";
  return (
    <Badge tone={tone}>
      {applied} of {desired}
    </Badge>
  );
}
