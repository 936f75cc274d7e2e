// `npm run mutate -- policy [every] [file]`: with a number n only every n-th mutant, with a text only files with it in their
// names. Prints the result as JSON; fails below 95 % and with a survivor that nothing explains.
const runs: Readonly<Record<string, (every: number, within: string) => Promise<{ passed: boolean }>>> = {
  policy: async (every, within) => (await import("./policy.ts")).mutatePolicyEngine({ every, within }),
};

const [name = "policy", everyText = "1", within = ""] = process.argv.slice(2);
const run = runs[name];
if (run === undefined) {
  console.error(`There is nothing called ${name} to mutate. Known: ${Object.keys(runs).join(", ")}.`);
  process.exit(2);
}
const start = performance.now();
const result = await run(Number(everyText), within);
console.log(
  JSON.stringify({ name, seconds: Math.round((performance.now() - start) / 1_000), ...result }, undefined, 1),
);
process.exit(result.passed ? 0 : 1);
