import { buildPolicies, compilePolicies, type PolicyTexts } from "@sluice/bundle/build";
import { unwrap } from "@sluice/kernel";
import { load, type PolicyEngine } from "@sluice/policy-engine";
import { type Figure, percentile, type Report } from "./figures.ts";
import { policyTexts, worldRequests } from "./policy-world.ts";

const REQUESTS = 2_000;
const ROUNDS = 15;
const requests = worldRequests(REQUESTS);

/** `npm run bench -- policy`: what docs/policy-bench.md describes. */
export async function run(report: Report): Promise<void> {
  const texts1000 = policyTexts(1_000, 0);
  const engine1000 = build(texts1000);
  const samples = measure(engine1000);
  report(latency("policy.p50_us.1000", samples, 0.5, { policies: 1_000 }));
  report(latency("policy.p99_us.1000", samples, 0.99, { policies: 1_000 }));
  const { reportRatio } = await import("./policy-cedar.ts");
  reportRatio(report, { texts: texts1000, requests, engine: engine1000 });
  reportReplay(report, engine1000);

  const texts10000 = policyTexts(10_000, 0);
  const compiled = unwrap(compilePolicies(texts10000));
  reportLoad(report, compiled);
  report(latency("policy.p50_us.10000", measure(unwrap(load(compiled))), 0.5, { policies: 10_000 }));
  reportRebuild(report, texts10000);
  const unscoped = build(policyTexts(10_000, 0.15));
  report(latency("policy.p50_us.10000.unscoped15", measure(unscoped), 0.5, { policies: 10_000, unscopedShare: 0.15 }));
}

function build(texts: PolicyTexts): PolicyEngine {
  return unwrap(load(unwrap(compilePolicies(texts))));
}

/** Microseconds of single decisions, after a warm-up, over all rounds. */
function measure(engine: PolicyEngine): Float64Array {
  for (let round = 0; round < 5; round += 1) for (const request of requests) engine.decide(request);
  const samples = new Float64Array(REQUESTS * ROUNDS);
  let at = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const request of requests) {
      const start = performance.now();
      engine.decide(request);
      samples[at] = (performance.now() - start) * 1_000;
      at += 1;
    }
  }
  return samples;
}

function latency(name: string, samples: Float64Array, share: number, context: Figure["context"]): Figure {
  const value = percentile(samples, share);
  return { name, value: round(value), unit: "us", better: "lower", context: { ...context, requests: samples.length } };
}

function reportLoad(report: Report, compiled: unknown): void {
  const json = JSON.stringify(compiled);
  const start = performance.now();
  unwrap(load(JSON.parse(json)));
  const value = round(performance.now() - start);
  const context = { policies: 10_000, bytes: json.length, includes: "JSON.parse and load" };
  report({ name: "policy.load_ms.10000", value, unit: "ms", better: "lower", context });
}

function reportRebuild(report: Report, texts: PolicyTexts): void {
  unwrap(buildPolicies(texts));
  const edited = { ...texts, access: texts.access.replace("objectCount < ", "objectCount <= ") };
  const start = performance.now();
  unwrap(buildPolicies(edited));
  const value = round(performance.now() - start);
  report({ name: "policy.rebuild_ms.1_of_10000", value, unit: "ms", better: "lower", context: { policies: 10_000 } });
}

function reportReplay(report: Report, engine: PolicyEngine): void {
  const decisions = REQUESTS * 20;
  const start = performance.now();
  for (let round = 0; round < 20; round += 1) for (const request of requests) engine.decide(request);
  const value = Math.round(decisions / ((performance.now() - start) / 1_000));
  const context = { policies: 1_000, decisions, cores: 1 };
  report({ name: "policy.replay_per_s", value, unit: "1/s", better: "higher", context });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
