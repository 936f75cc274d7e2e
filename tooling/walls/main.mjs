// Checks who imports whom (rules.mjs). Fails too when it saw fewer modules than there are source files: a cruiser that
// cannot read TypeScript sees none and is content.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { cruiseTree } from "./cruise.mjs";
import { rules } from "./rules.mjs";

const root = resolve(import.meta.dirname, "../..");
const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
});
const sources = listed
  .split("\n")
  .filter(
    (path) => /^(apps|packages|infra|test|tooling)\/.*\.(tsx?|mts|mjs)$/.test(path) && !/(^|\/)generated\//.test(path),
  )
  .filter((path) => existsSync(resolve(root, path)));

const { violations, modules } = await cruiseTree(root);
const missed = sources.filter((path) => !modules.has(path));
for (const { rule, from, to, cycle } of violations) {
  const { comment } = rules.find(({ name }) => name === rule) ?? {};
  console.error(`${rule}: ${from} → ${cycle ? cycle.join(" → ") : to}\n    ${comment}`);
}
for (const path of missed) console.error(`not seen by the check: ${path}`);
console.log(
  `${modules.size} modules, ${rules.length} rules, ${violations.length} broken, ${missed.length} files not seen`,
);
process.exitCode = violations.length + missed.length > 0 ? 1 : 0;
