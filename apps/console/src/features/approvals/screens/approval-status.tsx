import { Badge, type Tone } from "../../../ui/badge.tsx";
import { Countdown } from "../../../ui/time.tsx";
import type { ApprovalRow } from "../schemas.ts";

const looks: Record<ApprovalRow["status"], { readonly tone: Tone; readonly word: string }> = {
  waiting: { tone: "warn", word: "Waiting" },
  approved: { tone: "good", word: "Approved" },
  refused: { tone: "bad", word: "Refused" },
  expired: { tone: "neutral", word: "Timed out" },
  withdrawn: { tone: "neutral", word: "Withdrawn" },
};

/** How an approval stands; while it waits, how long it still does. */
export function ApprovalStatus({ approval }: { readonly approval: Pick<ApprovalRow, "status" | "expiresAt"> }) {
  const { tone, word } = looks[approval.status];
  return (
    <Badge tone={tone}>
      {word}
      {approval.status === "waiting" ? (
        <>
          {" "}
          <Countdown until={approval.expiresAt} />
        </>
      ) : null}
    </Badge>
  );
}
