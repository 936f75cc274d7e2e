import type { Report } from "./figures.ts";

// One line per bench; each module exports `run(report)`.
const benches: Readonly<Record<string, () => Promise<{ run: (report: Report) => Promise<void> }>>> = {
  ledger: () => import("./ledger.ts"),
  postgres: () => import("./postgres.ts"),
  policy: () => import("./policy.ts"),
};

const report: Report = (figure) => console.log(JSON.stringify(figure));
const names = process.argv.slice(2);
const unknown = names.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}. Known: ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
for (const [name, load] of Object.entries(benches)) {
  if (names.length === 0 || names.includes(name)) await (await load()).run(report);
}
