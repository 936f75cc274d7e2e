import { Badge } from "../../../ui/badge.tsx";
import type { PublishRequestView } from "../request-schemas.ts";

const looks = {
  waiting: { tone: "warn", word: "waits" },
  approved: { tone: "good", word: "published" },
  refused: { tone: "bad", word: "refused" },
  withdrawn: { tone: "neutral", word: "withdrawn" },
  expired: { tone: "neutral", word: "expired" },
} as const;

/** Where a publish request stands, in a word. */
export function RequestStatus({ request }: { readonly request: PublishRequestView }) {
  const { tone, word } = looks[request.status];
  const version = request.version === null ? "" : ` as v${request.version}`;
  return (
    <Badge tone={tone}>
      {word}
      {version}
    </Badge>
  );
}
