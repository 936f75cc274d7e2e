import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type PolicySuite, type PolicyTexts, policySets, policySuiteSchema } from "@sluice/bundle/build";
import { err, ok, type Result } from "@sluice/kernel";

/** A folder of policies: one file per set, and test suites beside them. */
export interface PolicyFolder {
  readonly path: string;
  readonly texts: PolicyTexts;
}

const SUITE = ".policy-tests.json";

/** The file of one set. */
export function fileOf(folder: string, set: keyof PolicyTexts): string {
  return join(folder, `${set}.cedar`);
}

/** Reads the policies of a folder; a set without a file is empty, a folder without any is refused. */
export function readPolicyFolder(path: string): Result<PolicyFolder, string> {
  const present = policySets.filter((set) => existsSync(fileOf(path, set)));
  if (present.length === 0) {
    return err(`${path} holds no guardrails.cedar, access.cedar or obligations.cedar`);
  }
  const read = (set: keyof PolicyTexts) => (present.includes(set) ? readFileSync(fileOf(path, set), "utf8") : "");
  return ok({
    path,
    texts: { guardrails: read("guardrails"), access: read("access"), obligations: read("obligations") },
  });
}

/** Reads every test suite of a folder; the first that is malformed is refused by name. */
export function readSuites(path: string): Result<readonly PolicySuite[], string> {
  const suites: PolicySuite[] = [];
  for (const name of readdirSync(path)
    .filter((file) => file.endsWith(SUITE))
    .toSorted()) {
    const suite = readSuite(join(path, name));
    if (!suite.ok) return suite;
    suites.push(suite.value);
  }
  return suites.length === 0 ? err(`${path} holds no *${SUITE}`) : ok(suites);
}

function readSuite(file: string): Result<PolicySuite, string> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return err(`${file}: ${error instanceof Error ? error.message : "not JSON"}`);
  }
  const parsed = policySuiteSchema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err(`${file}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is malformed"}`);
}
