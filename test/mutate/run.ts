// `npm run mutate -- policy [every] [file] [doubting]`: with a number n only every n-th mutant, with a text only files with it
// in their names, with "doubting" also those that survivors.ts explains. Prints the result as JSON; fails below 95 % and with
// a survivor that nothing explains.
type Choice = { readonly every: number; readonly within: string; readonly doubting: boolean };
const runs: Readonly<Record<string, (choice: Choice) => Promise<{ passed: boolean }>>> = {
  policy: async (choice) => (await import("./policy.ts")).mutatePolicyEngine(choice),
};

const [name = "policy", everyText = "1", within = "", mode = ""] = process.argv.slice(2);
const run = runs[name];
if (run === undefined) {
  console.error(`There is nothing called ${name} to mutate. Known: ${Object.keys(runs).join(", ")}.`);
  process.exit(2);
}
const start = performance.now();
const result = await run({ every: Number(everyText), within, doubting: mode === "doubting" });
console.log(
  JSON.stringify({ name, seconds: Math.round((performance.now() - start) / 1_000), ...result }, undefined, 1),
);
process.exit(result.passed ? 0 : 1);
