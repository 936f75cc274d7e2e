import type { CatalogueCascade, CatalogueTrigger, WriteEvent } from "../languages/facts.ts";

/** A relation's triggers, from the JSON list of [function, before or after, events]. */
export function triggersFrom(json: string): CatalogueTrigger[] {
  return lists(json).map(([calls = "", when, events = ""]) => ({
    calls,
    before: when !== "after",
    events: events.split(" ").filter(isEvent),
  }));
}

/** What follows a relation's changes, from the JSON list of [table, event, what happens there, key columns]. */
export function cascadesFrom(json: string): CatalogueCascade[] {
  return lists(json).map(([table = "", event, does, columns = ""]) => ({
    table,
    event: event === "delete" ? "delete" : "update",
    does: does === "delete" ? "delete" : "update",
    columns: columns.split("\u001f"),
  }));
}

function isEvent(text: string): text is WriteEvent {
  return text === "insert" || text === "update" || text === "delete" || text === "truncate";
}

function lists(json: string): string[][] {
  const parsed: unknown = JSON.parse(json);
  if (!Array.isArray(parsed)) return [];
  return parsed.map((entry: unknown) =>
    Array.isArray(entry) ? entry.map((item: unknown) => (typeof item === "string" ? item : "")) : [],
  );
}
