import { z } from "zod";
import { pageOf } from "../../server/paging.ts";

/** The three sets of SYSTEM.md. */
export const policySetNameSchema = z.enum(["guardrails", "access", "obligations"]);
/** One of the three sets. */
export type PolicySetName = z.infer<typeof policySetNameSchema>;

const setText = z.string().max(1_000_000);
/** Cedar text of the three sets. */
export const policySetsSchema = z.object({ guardrails: setText, access: setText, obligations: setText });

/** How many files one set of policies or tests may have; their bytes are bounded by the request's. */
const FILES_MAX = 20_000;
/** Files of a policy folder: content by path below it. */
export const filesSchema = z
  .record(z.string().max(500), z.string().max(1_000_000))
  .refine((files) => Object.keys(files).length <= FILES_MAX, `at most ${FILES_MAX} files`);

/** One policy of a version, as text and as what its annotations say. */
export const policyOutlineSchema = z.object({
  id: z.string(),
  set: policySetNameSchema,
  effect: z.enum(["permit", "forbid"]),
  description: z.string().nullable(),
  annotations: z.record(z.string(), z.string()),
  text: z.string(),
});

/** Somebody as lists name them. */
export const personSchema = z.object({ handle: z.string(), name: z.string() });

/** One published state. Times are ISO 8601 in UTC. */
export const policyVersionSchema = z.object({
  version: z.number().int(),
  note: z.string(),
  author: personSchema.nullable(),
  /** the second person, where one was needed */
  approvedBy: personSchema.nullable(),
  createdAt: z.string(),
  sets: policySetsSchema,
  /** its tests as files, by their path in a folder of policies */
  tests: filesSchema,
  /** the draft that it was published from */
  draft: z.number().int().nullable(),
  /** tests that failed when it was published, and why it was published all the same */
  testsFailed: z.number().int(),
  testsOverride: z.string().nullable(),
  policies: z.array(policyOutlineSchema),
  /** how far it has travelled: enforcers whose applied bundle carries this version or a newer one */
  rollout: z.object({ applied: z.number(), total: z.number() }),
  current: z.boolean(),
});
/** One line of the history. */
export const policyVersionRowSchema = z.object({
  version: z.number().int(),
  note: z.string(),
  author: personSchema.nullable(),
  createdAt: z.string(),
  added: z.number(),
  removed: z.number(),
  changed: z.number(),
  current: z.boolean(),
});
/** A page of the history, newest first. */
export const policyVersionPageSchema = pageOf(policyVersionRowSchema);
/** Input of everything that names a version. */
export const versionInputSchema = z.object({ version: z.number().int().positive() });

/** Where something is wrong, and what would fix it. Offsets count UTF-16 code units from 0, lines and columns from 1. */
export const policyProblemSchema = z.object({
  set: policySetNameSchema,
  policyId: z.string().nullable(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  help: z.string().nullable(),
  from: z.number().int(),
  to: z.number().int(),
  line: z.number().int(),
  column: z.number().int(),
});
/** Where something is wrong. */
export type PolicyProblem = z.infer<typeof policyProblemSchema>;

/** Input of `policies.check`. */
export const checkInputSchema = z.object({ sets: policySetsSchema });
/** The official engine's opinion. `ok` means it may be published (warnings do not stop it). */
export const checkedSchema = z.object({
  ok: z.boolean(),
  problems: z.array(policyProblemSchema),
  policies: z.array(policyOutlineSchema),
});
/** Input of `policies.format`. */
export const formatInputSchema = z.object({ set: policySetNameSchema, text: setText });
/** The formatted text, or the problems that prevent it (then `text` is as given). */
export const formattedSchema = z.object({ text: z.string(), problems: z.array(policyProblemSchema) });

/**
 * Why something is published although tests fail: needed when they do, recorded, and taken only from members who may
 * override tests. Where all pass it is not looked at.
 */
const overrideTests = z.string().trim().min(1, "say why").max(500).optional();
/** Input of `policies.publish`. Refused when somebody else published after `baseVersion`. Without tests those in force stay. */
export const publishInputSchema = z.object({
  sets: policySetsSchema,
  tests: filesSchema.optional(),
  overrideTests,
  note: z.string().trim().max(500).default(""),
  baseVersion: z.number().int().nonnegative(),
});
/** The version that was made. */
export const publishedSchema = z.object({ version: z.number().int() });
/** How far checking policies for the first time is, in policies. */
export const checkProgressSchema = z.object({ done: z.number().int(), total: z.number().int() });
/** Input of `policies.rollback`: a new, higher version with the old content. */
export const rollbackInputSchema = z.object({
  version: z.number().int().positive(),
  overrideTests,
  note: z.string().trim().max(500).default(""),
});

/** Input of `policies.diff`; `from` 0 is the empty set. */
export const diffInputSchema = z.object({ from: z.number().int().nonnegative(), to: z.number().int().positive() });
const changedTextSchema = z.object({ before: z.string(), after: z.string() });
/** The three texts before and after a change. */
export const changedSetsSchema = z.object({
  guardrails: changedTextSchema,
  access: changedTextSchema,
  obligations: changedTextSchema,
});
/** What changed between two states, policy by policy, as whole texts, and in which files of tests. */
export const changesSchema = z.object({
  sets: changedSetsSchema,
  tests: z.array(changedTextSchema.extend({ file: z.string() })),
  policies: z.array(
    z.object({
      id: z.string(),
      set: policySetNameSchema,
      change: z.enum(["added", "removed", "changed"]),
      before: z.string().nullable(),
      after: z.string().nullable(),
    }),
  ),
});
/** What changed between two versions. */
export const policyDiffSchema = changesSchema.extend({ from: z.number().int(), to: z.number().int() });
