import { Badge, Status, type Tone } from "../../../ui/badge.tsx";
import type { RunDetail, RunRow } from "../schemas.ts";

/** Whether a run goes on. */
export function RunState({ state }: { readonly state: RunRow["state"] }) {
  if (state === "running") return <Status tone="good">Running</Status>;
  return <Badge>{state === "ended" ? "Ended" : "Stopped"}</Badge>;
}

const looks: Readonly<Record<RunDetail["enforcers"][number]["state"], { readonly tone: Tone; readonly word: string }>> =
  {
    too_old: { tone: "warn", word: "Too old" },
    offline: { tone: "warn", word: "Not connected" },
    waiting: { tone: "neutral", word: "Being told" },
    loading: { tone: "neutral", word: "Compiling" },
    running: { tone: "good", word: "Running" },
    ended: { tone: "neutral", word: "Ended" },
    stopped: { tone: "neutral", word: "Stopped" },
    refused: { tone: "bad", word: "Refused" },
    failed: { tone: "bad", word: "Failed" },
  };

/** What one enforcer does with the candidate. */
export function PartState({ state }: { readonly state: RunDetail["enforcers"][number]["state"] }) {
  const { tone, word } = looks[state];
  return <Status tone={tone}>{word}</Status>;
}
