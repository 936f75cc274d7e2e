import { err, ok, type Result } from "@sluice/kernel";
import type { SetName } from "@sluice/policy-engine";
import { formatText } from "./cedar.ts";
import type { PolicyDiagnostic } from "./diagnostic.ts";
import { ENTITIES_FILE, SUITE_ENDING } from "./file-names.ts";
import type { PlacedProblem } from "./placed-problem.ts";
import { entitiesText, readEntities, readSuite, suiteText } from "./policy-tests.ts";
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

/** A file of a policy folder in canonical form: a policy's as Cedar formats it, a test's as it is exported. */
export function formatPolicyFile(file: string, text: string): Result<string, readonly PlacedProblem[]> {
  if (file === ENTITIES_FILE) {
    const read = readEntities(file, text);
    return read.ok ? ok(entitiesText(read.value)) : read;
  }
  if (file.endsWith(SUITE_ENDING)) {
    const read = readSuite(file, text);
    return read.ok ? ok(suiteText(read.value)) : read;
  }
  const formatted = formatPolicies(text.replaceAll("\r\n", "\n"));
  if (formatted.ok) return formatted;
  return err(
    formatted.error.map(({ start, severity, code, message, suggestion }) => ({
      file,
      ...start,
      severity,
      code,
      message,
      suggestion,
    })),
  );
}
