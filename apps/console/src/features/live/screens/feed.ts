import type { RecordRow } from "../../audit/schemas.ts";
import type { LiveEvent } from "../schemas.ts";

/** The most records a page keeps; older ones are in the audit log. */
export const feedRowsMax = 1_000;

/** What is on the screen, and what waits so that nothing moves under the reader's eyes. Newest first. */
export interface Feed {
  readonly shown: readonly RecordRow[];
  readonly held: readonly RecordRow[];
  /** ids that came while one looked, to be washed with colour once */
  readonly arrived: ReadonlySet<string>;
}

/** What happens to a feed. */
export type FeedEvent =
  | { readonly kind: "came"; readonly events: readonly LiveEvent[]; readonly hold: boolean }
  | { readonly kind: "release" };

/** A feed that starts with what the server rendered. */
export function startFeed(items: readonly RecordRow[]): Feed {
  return { shown: items, held: [], arrived: new Set() };
}

/** Applies one event: known ids are replaced in place, new ones go on top or wait when the reader is elsewhere. */
export function nextFeed(feed: Feed, event: FeedEvent): Feed {
  if (event.kind === "release") return release(feed, feed.shown);
  const came = new Map(event.events.map(({ record }) => [record.id, record]));
  const replace = (rows: readonly RecordRow[]): RecordRow[] =>
    rows.map((row) => {
      const newer = came.get(row.id);
      if (newer !== undefined) came.delete(row.id);
      return newer ?? row;
    });
  const shown = replace(feed.shown);
  const known = replace(feed.held);
  const held = [...[...came.values()].reverse(), ...known].slice(0, feedRowsMax);
  const next = { shown, held, arrived: feed.arrived };
  return event.hold ? next : release(next, shown);
}

function release(feed: Feed, shown: readonly RecordRow[]): Feed {
  if (feed.held.length === 0) return { ...feed, shown };
  return {
    shown: [...feed.held, ...shown].slice(0, feedRowsMax),
    held: [],
    arrived: new Set(feed.held.map((record) => record.id)),
  };
}
