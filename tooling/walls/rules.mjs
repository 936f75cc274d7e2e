// Who may import whom: HOUSE.md's table, one rule per line. Each rule carries an example that breaks it (`from` imports
// `to`), which the tripwire test runs, so that a rule that stopped biting is noticed.
const tests = "(\\.test\\.tsx?|\\.fixture\\.ts|\\.(integration|bench)\\.test\\.ts|/(fixtures|corpus|conformance)/.*)$";

/** From the packages `room`, only the packages in `mayUse` can be imported. */
function room(name, path, mayUse, example) {
  const allowed = mayUse.map((other) => `packages/${other}/`).join("|");
  return {
    name,
    comment: `${path} may import ${mayUse.length === 0 ? "no other room" : mayUse.join(", ")}`,
    from: { path: `^${path}/src/`, pathNot: tests },
    to: { path: "^(apps|packages|infra|test|tooling)/", pathNot: `^(${path}/${allowed ? `|${allowed}` : ""})` },
    example,
  };
}

const never = (name, comment, from, to, example) => ({ name, comment, from, to, example });

export const rules = [
  room("kernel-imports-nothing", "packages/kernel", [], ["packages/kernel/src/a.ts", "packages/ledger/src/b.ts"]),
  never(
    "kernel-stands-alone",
    "kernel uses neither packages nor the platform's modules",
    { path: "^packages/kernel/src/", pathNot: tests },
    { dependencyTypes: ["core", "npm", "npm-dev", "npm-no-pkg", "npm-unknown"] },
    ["packages/kernel/src/a.ts", "node:fs"],
  ),
  room(
    "engine-imports-kernel-only",
    "packages/policy-engine",
    ["kernel"],
    ["packages/policy-engine/src/a.ts", "packages/ledger/src/b.ts"],
  ),
  never(
    "engine-is-pure",
    "the policy engine decides without platform modules: no clock, no randomness, no I/O",
    { path: "^packages/policy-engine/src/", pathNot: tests },
    { dependencyTypes: ["core", "npm", "npm-dev", "npm-no-pkg", "npm-unknown"] },
    ["packages/policy-engine/src/a.ts", "node:crypto"],
  ),
  room(
    "bundle-room",
    "packages/bundle",
    ["kernel", "proto", "policy-engine"],
    ["packages/bundle/src/a.ts", "packages/db/src/b.ts"],
  ),
  room("ledger-room", "packages/ledger", ["kernel", "proto"], ["packages/ledger/src/a.ts", "packages/db/src/b.ts"]),
  room(
    "telemetry-room",
    "packages/telemetry",
    ["kernel", "proto"],
    ["packages/telemetry/src/a.ts", "packages/jobs/src/b.ts"],
  ),
  room(
    "jobs-room",
    "packages/jobs",
    ["kernel", "proto", "telemetry"],
    ["packages/jobs/src/a.ts", "packages/db/src/b.ts"],
  ),
  room("proto-room", "packages/proto", ["kernel"], ["packages/proto/src/a.ts", "packages/db/src/b.ts"]),
  room("db-room", "packages/db", ["kernel"], ["packages/db/src/a.ts", "packages/jobs/src/b.ts"]),
  never(
    "only-db-imports-prisma",
    "data is reached through packages/db, never through Prisma",
    // the second drives a customer's database through the enforcer, as Prisma's users do
    { pathNot: "^packages/db/|^test/clients/programs/with-prisma\\.mjs$|^prisma\\.config\\.ts$" },
    { path: "(^|node_modules/)@?prisma/|^packages/db/src/generated/" },
    ["apps/console/src/a.ts", "@prisma/client"],
  ),
  never(
    "console-never-enforcer",
    "the control plane and the data plane meet only in packages",
    { path: "^apps/console/" },
    { path: "^apps/(enforcer|cli)/" },
    ["apps/console/src/a.ts", "apps/enforcer/src/b.ts"],
  ),
  {
    ...room("enforcer-room", "apps/enforcer", ["policy-engine", "proto", "bundle", "ledger", "telemetry", "kernel"]),
    comment: "an enforcer has no database, no queue and no console",
    example: ["apps/enforcer/src/a.ts", "packages/db/src/b.ts"],
  },
  never(
    "nobody-imports-an-app",
    "packages never depend on apps or on what runs them",
    { path: "^packages/", pathNot: tests },
    { path: "^(apps|infra|test|tooling)/" },
    ["packages/jobs/src/a.ts", "apps/console/src/b.ts"],
  ),
  never(
    "products-without-their-tools",
    "what ships does not import the development stack or the tests",
    { path: "^apps/", pathNot: tests },
    { path: "^(infra|test|tooling)/" },
    ["apps/cli/src/a.ts", "infra/dev/b.ts"],
  ),
  never(
    "protocols-apart",
    "a protocol never imports another protocol",
    { path: "^apps/enforcer/src/protocols/([^/]+)/", pathNot: tests },
    { path: "^apps/enforcer/src/protocols/[^/]+/", pathNot: "^apps/enforcer/src/protocols/$1/" },
    ["apps/enforcer/src/protocols/postgres/a.ts", "apps/enforcer/src/protocols/mysql/b.ts"],
  ),
  never(
    "protocols-below-the-pipeline",
    "a protocol answers; the pipeline, the listeners and the composition root own the loop",
    { path: "^apps/enforcer/src/protocols/[^/]+/", pathNot: tests },
    { path: "^apps/enforcer/src/(pipeline|listeners|recorder|control)/|^apps/enforcer/src/(main|env)\\.ts$" },
    ["apps/enforcer/src/protocols/postgres/a.ts", "apps/enforcer/src/pipeline/b.ts"],
  ),
  never(
    "pipeline-is-protocol-blind",
    "the pipeline knows the interface of protocols, none of them",
    { path: "^apps/enforcer/src/pipeline/", pathNot: tests },
    { path: "^apps/enforcer/src/(protocols/[^/]+/|protocols/registry\\.ts|listeners/|main\\.ts)" },
    ["apps/enforcer/src/pipeline/a.ts", "apps/enforcer/src/protocols/postgres/b.ts"],
  ),
  never(
    "only-the-registry-names-protocols",
    "a protocol is reached through the registry",
    { path: "^apps/enforcer/src/", pathNot: `^apps/enforcer/src/protocols/|${tests}` },
    { path: "^apps/enforcer/src/protocols/[^/]+/" },
    ["apps/enforcer/src/listeners/a.ts", "apps/enforcer/src/protocols/postgres/b.ts"],
  ),
  never(
    "only-main-imports-the-registry",
    "the composition root alone chooses protocols",
    { path: "^apps/enforcer/src/", pathNot: `^apps/enforcer/src/main\\.ts$|${tests}` },
    { path: "^apps/enforcer/src/protocols/registry\\.ts$" },
    ["apps/enforcer/src/listeners/a.ts", "apps/enforcer/src/protocols/registry.ts"],
  ),
  never(
    "masking-is-pure",
    "detectors and transforms touch no socket, file or other room",
    { path: "^apps/enforcer/src/masking/", pathNot: tests },
    {
      path: "^apps/enforcer/src/(?!masking/|protocols/protocol\\.ts|languages/)|^(node:)?(net|tls|fs|fs/promises|http|http2)$",
    },
    ["apps/enforcer/src/masking/a.ts", "node:net"],
  ),
  never(
    "codecs-hold-no-socket",
    "a codec takes bytes and gives messages",
    { path: "^apps/enforcer/src/protocols/[^/]+/codec/", pathNot: tests },
    { path: "^(node:)?(net|tls|fs|fs/promises|http|http2|timers|timers/promises)$|^packages/telemetry/" },
    ["apps/enforcer/src/protocols/postgres/codec/a.ts", "node:tls"],
  ),
  never(
    "languages-know-no-protocol",
    "text becomes facts without knowing who carried it",
    { path: "^apps/enforcer/src/languages/", pathNot: tests },
    { path: "^apps/enforcer/src/(?!languages/)" },
    ["apps/enforcer/src/languages/a.ts", "apps/enforcer/src/pipeline/b.ts"],
  ),
  never(
    "features-below-the-root",
    "a feature knows neither routes nor the worker nor the root router",
    { path: "^apps/console/src/features/", pathNot: tests },
    { path: "^apps/console/src/(app|worker)/|^apps/console/src/server/root\\.ts$" },
    ["apps/console/src/features/audit/a.ts", "apps/console/src/worker/b.ts"],
  ),
  never(
    "features-through-their-index",
    "one feature uses another through its index, schemas or server contract only",
    { path: "^apps/console/src/features/([^/]+)/", pathNot: tests },
    {
      path: "^apps/console/src/features/[^/]+/.+/",
      pathNot: "^apps/console/src/features/$1/",
    },
    ["apps/console/src/features/audit/a.ts", "apps/console/src/features/policies/server/b.ts"],
  ),
  never(
    "ui-is-blind-to-features",
    "primitives know nothing of what they show",
    { path: "^apps/console/src/ui/", pathNot: tests },
    { path: "^apps/console/src/(features|server|worker|app)/" },
    ["apps/console/src/ui/a.ts", "apps/console/src/features/audit/index.ts"],
  ),
  never(
    "no-cycles",
    "two modules that need each other are one module, or want a third",
    {},
    { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    ["packages/ledger/src/a.ts", "packages/ledger/src/a.ts"],
  ),
  never(
    "no-orphans",
    "a module that nothing reaches and that reaches nothing is dead",
    { orphan: true, pathNot: `\\.d\\.m?ts$|\\.config\\.(ts|mjs)$|/(main|index)\\.ts$|^apps/console/src/app/|${tests}` },
    {},
    ["packages/ledger/src/a.ts", undefined],
  ),
];

/** The rules in dependency-cruiser's own form. */
export const ruleSet = {
  forbidden: rules.map(({ name, comment, from, to }) => ({ name, comment, from, to, severity: "error" })),
};
