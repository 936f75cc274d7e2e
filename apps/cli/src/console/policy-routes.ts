import type { PolicyFiles } from "@sluice/bundle/build";
import type { Result } from "@sluice/kernel";
import { z } from "zod";
import type { ConsoleAccess } from "../env.ts";
import { askConsole, type ConsoleRefusal } from "./console-client.ts";

const exportedSchema = z.object({
  version: z.number(),
  /** digest of the files, to say later what an import was made from */
  base: z.string(),
  files: z.record(z.string(), z.string()),
});
const importedSchema = z.object({
  draft: z.number().nullable(),
  baseVersion: z.number(),
  /** whether anything differs at all: policies, tests or only comments */
  differs: z.boolean(),
  testsChanged: z.boolean(),
  changes: z.array(
    z.object({
      id: z.string(),
      set: z.enum(["guardrails", "access", "obligations"]),
      kind: z.enum(["added", "removed", "changed", "moved"]),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
});
const discardedSchema = z.object({ number: z.number(), state: z.string() });
const publishedSchema = z.object({ version: z.number().nullable(), requestId: z.string().nullable() });

/** The whole set as a folder. */
export type ExportedPolicies = z.infer<typeof exportedSchema>;
/** What an import changes, and the draft that it made. */
export type ImportedPolicies = z.infer<typeof importedSchema>;

/** The published set as a folder; an older version where one is named. */
export function exportPolicies(
  access: ConsoleAccess,
  version?: number,
): Promise<Result<ExportedPolicies, ConsoleRefusal>> {
  return askConsole(access, `/policies/export${version === undefined ? "" : `?version=${version}`}`, exportedSchema);
}

/** Compares a folder with the published set and, unless `dryRun`, keeps it as a draft. */
export function importPolicies(
  access: ConsoleAccess,
  input: { readonly files: PolicyFiles; readonly base: string; readonly note: string; readonly dryRun: boolean },
): Promise<Result<ImportedPolicies, ConsoleRefusal>> {
  return askConsole(access, "/policies/import", importedSchema, input);
}

/** Discards a draft. */
export function discardDraft(
  access: ConsoleAccess,
  draft: number,
): Promise<Result<z.infer<typeof discardedSchema>, ConsoleRefusal>> {
  return askConsole(access, `/policies/drafts/${draft}/discard`, discardedSchema, {});
}

/** Publishes a draft; without a version in the answer it waits for a second person. */
export function publishDraft(
  access: ConsoleAccess,
  draft: number,
  { note, overrideTests }: { readonly note: string | undefined; readonly overrideTests: string | undefined },
): Promise<Result<z.infer<typeof publishedSchema>, ConsoleRefusal>> {
  const body = { ...(note === undefined ? {} : { note }), ...(overrideTests === undefined ? {} : { overrideTests }) };
  return askConsole(access, `/policies/drafts/${draft}/publish`, publishedSchema, body);
}
