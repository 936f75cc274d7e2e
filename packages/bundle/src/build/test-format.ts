import { z } from "zod";

const uidText = z.string().regex(/^[A-Za-z_][A-Za-z0-9_:]*::".*"$/, 'an entity is written like User::"ana"');
/** One entity of the tests, in Cedar's JSON form. */
export const cedarEntitySchema = z.object({
  uid: z.object({ type: z.string(), id: z.string() }),
  attrs: z.record(z.string(), z.unknown()).default({}),
  tags: z.record(z.string(), z.unknown()).default({}),
  parents: z.array(z.object({ type: z.string(), id: z.string() })).default([]),
});

const expectation = z.strictObject({
  verdict: z.enum(["allow", "ask", "deny"]),
  /** why a deny is one */
  code: z.string().optional(),
  /** ids that must be among the determining policies */
  determining: z.array(z.string()).optional(),
  /** exactly these workflows, in any order */
  workflows: z.array(z.string()).optional(),
  obligations: z
    .strictObject({
      rowsMax: z.number().optional(),
      bytesMax: z.number().optional(),
      timeMsMax: z.number().optional(),
      ratePerMinuteMax: z.number().optional(),
      recording: z.enum(["facts", "statement", "full"]).optional(),
      strict: z.boolean().optional(),
      notify: z.array(z.string()).optional(),
      masks: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
});

const testCase = z.strictObject({
  name: z.string().min(1),
  principal: uidText,
  onBehalfOf: uidText.optional(),
  /** an action's id, such as sql.read.select */
  action: z.string().min(1),
  resource: uidText,
  /** Cedar's JSON form; laid over a neutral exchange (a bounded statement of nothing, TLS, a Wednesday at ten) */
  context: z.record(z.string(), z.unknown()).default({}),
  expect: expectation,
});

/** A file of policy tests: entities and the verdicts that the policies must give about them. */
export const policySuiteSchema = z.strictObject({
  entities: z.array(cedarEntitySchema).default([]),
  cases: z.array(testCase).min(1),
});

/** A parsed file of policy tests. */
export type PolicySuite = z.infer<typeof policySuiteSchema>;
/** One case of it. */
export type PolicyTestCase = PolicySuite["cases"][number];
