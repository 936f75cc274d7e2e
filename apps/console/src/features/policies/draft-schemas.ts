import { z } from "zod";
import { policySetNameSchema, policySetsSchema } from "./schemas.ts";

const personSchema = z.object({ handle: z.string(), name: z.string() });
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** How many files one import may have; its bytes are bounded by the request's. */
const FILES_MAX = 20_000;
const filesSchema = z
  .record(z.string().max(500), z.string().max(1_000_000))
  .refine((files) => Object.keys(files).length <= FILES_MAX, `at most ${FILES_MAX} files`);

/** Input of `policies.export`; without a version the one in force. */
export const exportInputSchema = z.object({ version: z.number().int().positive().optional() });
/** The whole set as a folder: content by path, and the digest that names it as an import's base. */
export const exportedSchema = z.object({ version: z.number().int(), base: digest, files: filesSchema });

/** Input of `policies.drafts.import`. `base` is the digest of what the folder was exported from; a dry run keeps nothing. */
export const importInputSchema = z.object({
  files: filesSchema,
  base: digest,
  note: z.string().trim().max(500).default(""),
  dryRun: z.boolean().default(false),
});
/** What an import changes against the version in force, and the number of the draft that it made. */
export const importedSchema = z.object({
  draft: z.number().int().nullable(),
  baseVersion: z.number().int(),
  /** whether anything differs at all: policies, tests or only comments */
  differs: z.boolean(),
  changes: z.array(
    z.object({
      id: z.string(),
      set: policySetNameSchema,
      kind: z.enum(["added", "removed", "changed", "moved"]),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
  testsChanged: z.boolean(),
  /** what the check says beyond errors, as file:line:column */
  warnings: z.array(z.string()),
});

/** One draft in a list. Times are ISO 8601 in UTC. */
export const draftRowSchema = z.object({
  number: z.number().int(),
  baseVersion: z.number().int(),
  note: z.string(),
  author: personSchema.nullable(),
  createdAt: z.string(),
  /** the version in force is another one now: it cannot be published as it is */
  overtaken: z.boolean(),
});
/** The newest drafts. */
export const draftListSchema = z.object({ items: z.array(draftRowSchema) });
/** Input of everything that names a draft. */
export const draftInputSchema = z.object({ number: z.number().int().positive() });
/** A draft with its texts. */
export const draftSchema = draftRowSchema.extend({ sets: policySetsSchema });
/** Input of `policies.drafts.publish`. */
export const publishDraftInputSchema = draftInputSchema.extend({ note: z.string().trim().max(500).optional() });
/** The version that was made, or the request that waits for a second person. */
export const publishedDraftSchema = z.object({
  version: z.number().int().nullable(),
  requestId: z.string().nullable(),
});

/** Input of `policies.test`; without texts those in force. */
export const testInputSchema = z.object({ sets: policySetsSchema.optional() });
/** How the stored tests went, and which policies some case satisfied. */
export const testedSchema = z.object({
  passed: z.boolean(),
  cases: z.array(z.object({ suite: z.string(), name: z.string(), passed: z.boolean(), failures: z.array(z.string()) })),
  covered: z.array(z.string()),
  uncovered: z.array(z.string()),
});
