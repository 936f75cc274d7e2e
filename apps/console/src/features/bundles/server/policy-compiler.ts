import {
  type BuiltPolicies,
  buildPolicies,
  candidateDigest,
  noTests,
  type PolicyTests,
  type PolicyTexts,
  policyTestsSchema,
} from "@sluice/bundle/build";
import type { OrgTx } from "@sluice/db";
import type { OrgData } from "../../../server/scope.ts";

/** A stored version of the policies' text. */
interface StoredPolicies extends PolicyTexts {
  readonly id: string;
}

const KEPT_MAX = 32;
const kept = new Map<string, BuiltPolicies>();

/**
 * Builds a version that was validated when it was published, and checks it through both engines with its tests. Versions
 * and drafts are immutable, so the newest few stay built. Throws when it does not build: such a version should never have
 * been stored, and the enforcers keep the bundle they have.
 */
export async function buildStored(tx: OrgTx, stored: StoredPolicies): Promise<BuiltPolicies> {
  return build(await readSource(tx, stored));
}

/**
 * Builds the newest version before a transaction needs it: parsing, validating and asking both engines about ten thousand
 * policies for the first time takes longer than a transaction may.
 */
export async function prepareBuild(data: OrgData): Promise<void> {
  const source = await data.tx(async (tx) => {
    const newest = await tx.policyVersion.findFirst({ orderBy: { version: "desc" }, select: { id: true } });
    if (!newest || [...kept.keys()].some((key) => key.startsWith(newest.id))) return undefined;
    return readSource(tx, await tx.policyVersion.findUniqueOrThrow({ where: { id: newest.id } }));
  });
  if (source) build(source);
}

interface Source {
  readonly key: string;
  readonly texts: PolicyTexts;
  readonly tests: string | undefined;
}

async function readSource(tx: OrgTx, { id, guardrails, access, obligations }: StoredPolicies): Promise<Source> {
  const texts = { guardrails, access, obligations };
  const draft = await newestDraft(tx, texts);
  return { key: `${id} ${draft?.id ?? ""}`, texts, tests: draft?.tests };
}

function build({ key, texts, tests }: Source): BuiltPolicies {
  const known = kept.get(key);
  if (known) return known;
  const built = buildPolicies(texts, parseTests(tests));
  if (!built.ok) throw new Error("a stored policy version does not build", { cause: built.error });
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(key, built.value);
  return built.value;
}

/** The tests that came with exactly these texts, if any did. */
export async function readTestsOf(tx: OrgTx, texts: PolicyTexts): Promise<PolicyTests> {
  return parseTests((await newestDraft(tx, texts))?.tests);
}

function newestDraft(tx: OrgTx, texts: PolicyTexts) {
  return tx.policyDraft.findFirst({
    where: { digest: candidateDigest(texts) },
    orderBy: { number: "desc" },
    select: { id: true, tests: true },
  });
}

function parseTests(text: string | undefined): PolicyTests {
  return text === undefined ? noTests : policyTestsSchema.parse(JSON.parse(text));
}
