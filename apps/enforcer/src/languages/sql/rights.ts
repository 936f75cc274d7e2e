import type { CatalogueFunction } from "../facts.ts";
import { searchPathOf } from "./names.ts";
import type { Run } from "./run.ts";

/**
 * How a function's body is read: under its own search path, else the session's, and with its owner's name where it has
 * the owner's rights. Undefined when its text means something else there than to the grammar here.
 */
export function bodyRun(called: CatalogueFunction, run: Run): Run | undefined {
  const settings = run.live?.settings ?? run.settings;
  if (called.altersMeaning) return undefined;
  if (!settings.standardConformingStrings && called.source?.includes("\\")) return undefined;
  const role = called.securityDefiner ? (called.owner ?? "") : settings.role;
  const own = called.searchPath !== undefined || role !== settings.role;
  const path = own ? searchPathOf(called.searchPath ?? settings.searchPath, role) : (run.live?.path ?? run.path);
  const searchPath = called.searchPath ?? settings.searchPath;
  return { ...run, live: undefined, path, settings: own ? { ...settings, role, searchPath } : settings };
}

/**
 * How an expression of the catalogue's own is read (a view, a default): its names were resolved when it was made and
 * come qualified. Functions that it calls still read theirs as the session does.
 */
export function resolvedRun(run: Run): Run {
  const live = run.live ?? { path: run.path, settings: run.settings };
  return { ...run, live, settings: { ...run.settings, temporaryNames: [] }, path: ["pg_catalog"] };
}
