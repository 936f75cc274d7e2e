import type { z } from "zod";
import type { VerdictKind } from "../../../ui/verdict.tsx";
import { flipKindSchema, type UnreplayableReason } from "../impact-schemas.ts";

/** How the end of an exchange would differ. */
export type FlipKind = z.infer<typeof flipKindSchema>;

/** One end of a flip: its word, and the verdict whose colour and icon it has. */
export interface FlipEnd {
  readonly word: string;
  readonly look: VerdictKind;
}

/** A flip in words. `opens` tells whether more would be possible than before; null where neither more nor less is. */
export interface FlipWords {
  readonly from: FlipEnd;
  readonly to: FlipEnd;
  readonly opens: boolean | null;
}

const allowed: FlipEnd = { word: "Allowed", look: "allow" };
const asked: FlipEnd = { word: "Asked", look: "ask" };
const refused: FlipEnd = { word: "Refused", look: "deny" };
const masked: FlipEnd = { word: "Masked", look: "mask" };
const clear: FlipEnd = { word: "In clear", look: "allow" };

/** All kinds of flip, gravest for the org first. */
export const flipWords: Readonly<Record<FlipKind, FlipWords>> = {
  masked_to_clear: { from: masked, to: clear, opens: true },
  refused_to_allowed: { from: refused, to: allowed, opens: true },
  asked_to_allowed: { from: asked, to: allowed, opens: true },
  refused_to_asked: { from: refused, to: asked, opens: true },
  allowed_to_refused: { from: allowed, to: refused, opens: false },
  asked_to_refused: { from: asked, to: refused, opens: false },
  allowed_to_asked: { from: allowed, to: asked, opens: false },
  clear_to_masked: { from: clear, to: masked, opens: false },
  terms: { from: allowed, to: { word: "Other terms", look: "allow" }, opens: null },
};

/** The kinds that occur, with how often, gravest first. */
export function countedKinds(
  kinds: Partial<Record<FlipKind, number>>,
): readonly { readonly kind: FlipKind; readonly count: number }[] {
  return flipKindSchema.options.flatMap((kind) => {
    const count = kinds[kind] ?? 0;
    return count > 0 ? [{ kind, count }] : [];
  });
}

/** "Masked to in clear": a flip as one reads it aloud. */
export function flipText(kind: FlipKind): string {
  const { from, to } = flipWords[kind];
  return `${from.word} to ${to.word.toLowerCase()}`;
}

const reasons: Readonly<Record<UnreplayableReason, string>> = {
  undecided: "were refused before policy was asked",
  incomplete: "do not hold what policy was asked with",
  principal_gone: "were made by somebody who has left",
  resource_gone: "were made on a database that is no longer connected",
};

/** Why records could not be replayed, one sentence part each. */
export function unreplayedText(unreplayable: Partial<Record<UnreplayableReason, number>>): readonly string[] {
  return (["incomplete", "undecided", "principal_gone", "resource_gone"] as const).flatMap((reason) => {
    const count = unreplayable[reason] ?? 0;
    return count > 0 ? [`${count.toLocaleString("en")} ${reasons[reason]}`] : [];
  });
}

/** `ana` of `User::"ana"`; what is no such name stays as it is. */
export function entityName(uid: string): { readonly type: string; readonly id: string } {
  const found = /^(\w+)::(".*")$/.exec(uid);
  if (found === null) return { type: "", id: uid };
  const id: unknown = JSON.parse(found[2] ?? '""');
  return { type: found[1] ?? "", id: typeof id === "string" ? id : uid };
}

/** A share as whole percent, never 100 or 0 unless it is all or nothing. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "0 %";
  const rounded = Math.round((part / whole) * 100);
  if (part < whole && rounded === 100) return "99 %";
  return part > 0 && rounded === 0 ? "1 %" : `${rounded} %`;
}
