import { type RecordFilter, recordFilterSchema } from "../schemas.ts";

/** How far back a search looks; "all" has no beginning. */
export const ranges = [
  { value: "1h", label: "Last hour", ms: 3_600_000 },
  { value: "24h", label: "Last 24 hours", ms: 86_400_000 },
  { value: "7d", label: "Last 7 days", ms: 604_800_000 },
  { value: "30d", label: "Last 30 days", ms: 2_592_000_000 },
  { value: "all", label: "All time", ms: null },
] as const;

/** What a page's query string says, as Next hands it over. */
export type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What the address bar says about a search: links show a colleague the same thing. */
export interface FilterState {
  readonly range: string;
  readonly filter: RecordFilter;
}

const listFields = new Set(["verdicts", "kinds"]);
const defaultRange = "7d";

/** Reads a search from a query string; fields that make no sense are left out, never an error. */
export function parseFilter(params: SearchParams, nowMs: number): FilterState {
  const filter: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    const text = typeof value === "string" ? value : value?.[0];
    if (text === undefined || text === "" || !(name in recordFilterSchema.shape)) continue;
    const field = { [name]: listFields.has(name) ? text.split(",") : text };
    const parsed = recordFilterSchema.safeParse(field);
    if (parsed.success) Object.assign(filter, parsed.data);
  }
  const asked = ranges.find((each) => each.value === params["range"]);
  const range = asked ?? ranges.find((each) => each.value === defaultRange) ?? ranges[0];
  if (filter["from"] === undefined && range.ms !== null) {
    // to the minute, so that the same page asks the same question on the server and in the browser
    filter["from"] = new Date(Math.floor((nowMs - range.ms) / 60_000) * 60_000).toISOString();
  }
  return { range: range.value, filter: recordFilterSchema.parse(filter) };
}

/** A query string with some fields changed; empty text or null removes a field. */
export function changedQuery(current: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(current);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === "" ? "" : `?${text}`;
}
