import { err, ok, type Result } from "@sluice/kernel";
import type { SetName } from "@sluice/policy-engine";
import { formatText } from "./cedar.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";
import { placeFinder } from "./positions.ts";

/**
 * Formats one set's text in Cedar's canonical style; comments stay. Refuses a text that does not parse, with the places.
 * An empty text stays empty.
 */
export function formatPolicies(text: string, set: SetName = "access"): Result<string, readonly PolicyDiagnostic[]> {
  if (text.trim() === "") return ok("");
  const formatted = formatText(text);
  if (formatted.ok) return formatted;
  const place = placeFinder(text);
  return err(
    formatted.error.map((finding) => ({ ...finding, set, start: place(finding.from), end: place(finding.to) })),
  );
}
