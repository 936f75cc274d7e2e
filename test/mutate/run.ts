// `npm run mutate -- policy [every]`: with a number n, only every n-th mutant. Prints one JSON line; fails below 95 %.
const runs: Readonly<Record<string, (every: number) => Promise<{ passed: boolean }>>> = {
  policy: async (every) => (await import("./policy.ts")).mutatePolicyEngine({ every }),
};

const [name = "policy", everyText = "1"] = process.argv.slice(2);
const run = runs[name];
if (run === undefined) {
  console.error(`There is nothing called ${name} to mutate. Known: ${Object.keys(runs).join(", ")}.`);
  process.exit(2);
}
const start = performance.now();
const result = await run(Number(everyText));
console.log(
  JSON.stringify({ name, seconds: Math.round((performance.now() - start) / 1_000), ...result }, undefined, 1),
);
process.exit(result.passed ? 0 : 1);
