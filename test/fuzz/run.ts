// `npm run fuzz -- policy|postgres|sql|portals|encodings [seed] [count]`: longer than the run inside `npm test`; prints what it did as one JSON line.
const fuzzers: Readonly<Record<string, (seed: number, count: number) => Promise<{ differences: readonly string[] }>>> =
  {
    policy: async (seed, count) => (await import("./policy.ts")).fuzzPolicies(seed, count),
    sql: async (seed, count) => (await import("./sql.ts")).fuzzSql(seed, count),
    portals: async (seed, count) => (await import("./wire.ts")).fuzzWire("portals", seed, count),
    encodings: async (seed, count) => (await import("./wire.ts")).fuzzWire("encodings", seed, count),
    postgres: async (seed, count) => (await import("./postgres.ts")).fuzzPostgres(seed, count),
  };

const [name = "policy", seedText, countText] = process.argv.slice(2);
const fuzzer = fuzzers[name];
if (fuzzer === undefined) {
  console.error(`There is no fuzzer ${name}. Known: ${Object.keys(fuzzers).join(", ")}.`);
  process.exit(2);
}
const seed = Number(seedText ?? Math.floor(Math.random() * 1_000_000));
const start = performance.now();
const result = await fuzzer(seed, Number(countText ?? 500_000));
console.log(JSON.stringify({ name, seed, seconds: Math.round((performance.now() - start) / 1_000), ...result }));
process.exit(result.differences.length === 0 ? 0 : 1);
