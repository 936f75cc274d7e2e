import {
  type BuiltPolicies,
  buildPoliciesInSlices,
  type PolicyTests,
  type PolicyTexts,
  policyTestsSchema,
} from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import type { OrgData } from "../../../server/scope.ts";

/** A stored version: its texts, and its tests as JSON text. */
interface StoredPolicies extends PolicyTexts {
  readonly id: string;
  readonly tests: string;
}

const KEPT_MAX = 32;
const kept = new Map<string, BuiltPolicies>();

/**
 * Builds a version that was validated when it was published, and checks it through both engines with its tests. Versions are
 * immutable, so the newest few stay built. Throws when it does not build: such a version should never have been stored, and
 * the enforcers keep the bundle they have.
 */
export async function buildStored({
  id,
  tests,
  guardrails,
  access,
  obligations,
}: StoredPolicies): Promise<BuiltPolicies> {
  const known = kept.get(id);
  if (known) return known;
  const built = await buildPoliciesInSlices({ guardrails, access, obligations }, parseTests(tests));
  if (!built.ok) throw new Error("a stored policy version does not build", { cause: built.error });
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(id, built.value);
  return built.value;
}

/**
 * Builds the newest version before a transaction needs it: parsing, validating and asking both engines about ten thousand
 * policies for the first time takes longer than a transaction may. In slices: meanwhile the process serves others.
 */
export async function prepareBuild(data: OrgData): Promise<void> {
  const stored = await data.tx(async (tx: OrgTx) => {
    const newest = await tx.policyVersion.findFirst({ orderBy: { version: "desc" }, select: { id: true } });
    return newest && !kept.has(newest.id)
      ? tx.policyVersion.findUniqueOrThrow({ where: { id: newest.id } })
      : undefined;
  });
  if (stored) await buildStored(stored);
}

function parseTests(text: string): PolicyTests {
  return policyTestsSchema.parse(JSON.parse(text));
}
