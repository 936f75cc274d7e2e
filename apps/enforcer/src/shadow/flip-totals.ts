import type { Difference } from "./compare.ts";
import type { FlipGroup } from "./messages.ts";

/** Flips that differ in any of their fields are kept apart up to this many; beyond, they are only counted. */
export const GROUPS_MAX = 256;
const EXAMPLES_MAX = 3;
const NAME_CHARS_MAX = 300;

/** One exchange that flips. */
export interface Flip extends Difference {
  readonly exchangeId: string;
  readonly principal: string;
  readonly onBehalfOf: string;
}

/** Adds flips up, in bounded memory however long a run is and whatever the traffic holds. */
export class FlipTotals {
  #flips = 0;
  #ungrouped = 0;
  readonly #groups = new Map<string, FlipGroup & { count: number; readonly exchangeIds: string[] }>();

  add({ exchangeId, ...flip }: Flip): void {
    this.#flips += 1;
    const named = {
      kind: flip.kind,
      policies: flip.policies.map(cut),
      principal: cut(flip.principal),
      onBehalfOf: cut(flip.onBehalfOf),
      action: cut(flip.action),
      resource: cut(flip.resource),
    };
    const key = JSON.stringify(Object.values(named));
    const known = this.#groups.get(key);
    if (known) {
      known.count += 1;
      if (known.exchangeIds.length < EXAMPLES_MAX) known.exchangeIds.push(exchangeId);
    } else if (this.#groups.size < GROUPS_MAX) {
      this.#groups.set(key, { ...named, count: 1, exchangeIds: [exchangeId] });
    } else {
      this.#ungrouped += 1;
    }
  }

  get(): { readonly flips: number; readonly ungrouped: number; readonly groups: readonly FlipGroup[] } {
    return { flips: this.#flips, ungrouped: this.#ungrouped, groups: [...this.#groups.values()] };
  }
}

function cut(text: string): string {
  return text.length > NAME_CHARS_MAX ? `${text.slice(0, NAME_CHARS_MAX - 1)}…` : text;
}
