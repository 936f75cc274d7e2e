import { z } from "zod";
import {
  changesSchema,
  filesSchema,
  personSchema,
  policySetNameSchema,
  policySetsSchema,
  publishInputSchema,
} from "./schemas.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);

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
  state: z.enum(["open", "waiting", "published", "discarded"]),
  /** it is open and the version in force is another one now: it cannot be published as it is */
  overtaken: z.boolean(),
  /** what was published from it */
  version: z.number().int().nullable(),
  /** the request that waits for a second person */
  requestId: z.string().nullable(),
  discardedBy: personSchema.nullable(),
  discardedAt: z.string().nullable(),
});
/** The newest drafts. */
export const draftListSchema = z.object({ items: z.array(draftRowSchema) });
/** Input of everything that names a draft. */
export const draftInputSchema = z.object({ number: z.number().int().positive() });
/** A draft with its texts and tests, and what it changes in the version in force. */
export const draftSchema = draftRowSchema.extend({
  sets: policySetsSchema,
  tests: filesSchema,
  /** the version in force */
  current: z.number().int(),
  changes: changesSchema,
});
/** Input of `policies.drafts.save`. Without tests those in force. */
export const saveDraftInputSchema = publishInputSchema.omit({ overrideTests: true });
/** The draft that was kept. */
export const savedDraftSchema = z.object({ number: z.number().int() });
/** Input of `policies.drafts.publish`. */
export const publishDraftInputSchema = draftInputSchema.extend({
  note: z.string().trim().max(500).optional(),
  overrideTests: publishInputSchema.shape.overrideTests,
});
/** The version that was made, or the request that waits for a second person. */
export const publishedDraftSchema = z.object({
  version: z.number().int().nullable(),
  requestId: z.string().nullable(),
});

/** Input of `policies.test`; without texts or tests those in force. */
export const testInputSchema = z.object({ sets: policySetsSchema.optional(), tests: filesSchema.optional() });
/** A place in a file of tests: lines and columns from 1. */
const placeSchema = z.object({ file: z.string(), line: z.number().int(), column: z.number().int() });
/** How tests went, and which policies some case satisfied. */
export const testedSchema = z.object({
  /** all could be read and pass */
  passed: z.boolean(),
  /** files that could not be read: none of their cases ran */
  problems: z.array(placeSchema.extend({ message: z.string() })),
  cases: z.array(
    placeSchema.extend({
      suite: z.string(),
      name: z.string(),
      passed: z.boolean(),
      failures: z.array(z.string()),
    }),
  ),
  covered: z.array(z.string()),
  uncovered: z.array(z.string()),
});
