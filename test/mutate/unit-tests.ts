import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

/** One collected test. */
export interface UnitTest {
  readonly name: string;
  readonly run: () => unknown;
}

/**
 * Stands in for vitest where unit tests are run hundreds of times in one process: it collects tests instead of running them,
 * and knows only the matchers that the engine's tests use. Laxer than vitest where they differ, so a mutant is never killed
 * by the difference.
 */
export function testCollector(): { readonly tests: UnitTest[]; readonly exports: Readonly<Record<string, unknown>> } {
  const tests: UnitTest[] = [];
  const add = (name: string, ...rest: readonly unknown[]): void => {
    const run = rest.find(isFunction);
    if (run !== undefined) tests.push({ name, run: () => run() });
  };
  const each =
    (rows: readonly unknown[]) =>
    (name: string, ...rest: readonly unknown[]) => {
      const run = rest.find(isFunction);
      for (const row of rows) {
        if (run !== undefined) tests.push({ name, run: () => (Array.isArray(row) ? run(...row) : run(row)) });
      }
    };
  const test = Object.assign(add, { each });
  const describe = (_name: string, body: () => void) => body();
  return { tests, exports: { test, describe, expect } };
}

function isFunction(value: unknown): value is (...args: readonly unknown[]) => unknown {
  return typeof value === "function";
}

function expect(actual: unknown) {
  return {
    toBe: (expected: unknown) => assert.ok(Object.is(actual, expected)),
    toBeUndefined: () => assert.equal(actual, undefined),
    toEqual: (expected: unknown) => assert.ok(equal(actual, expected)),
    toMatchObject: (expected: unknown) => assert.ok(contains(actual, expected)),
    toContain: (item: unknown) => assert.ok((typeof actual === "string" || Array.isArray(actual)) && has(actual, item)),
    toHaveLength: (length: number) =>
      assert.ok((typeof actual === "string" || Array.isArray(actual)) && actual.length === length),
    toMatch: (pattern: RegExp) => assert.match(String(actual), pattern),
    // a bound on time says nothing under load
    toBeLessThan: (bound: number) => assert.ok(Number(actual) < bound * 10),
    toBeGreaterThan: (bound: number) => assert.ok(Number(actual) > bound),
    toThrow: (pattern: RegExp) => assert.throws(() => isFunction(actual) && actual(), pattern),
  };
}

function has(within: string | readonly unknown[], item: unknown): boolean {
  return typeof within === "string" ? within.includes(String(item)) : within.includes(item);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(value instanceof Map) && !(value instanceof Set);
}

/** Structural, fields that are undefined left aside. */
function equal(actual: unknown, expected: unknown): boolean {
  if (actual === expected) return true;
  if (!isPlain(actual) || !isPlain(expected)) return isDeepStrictEqual(actual, expected);
  const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...names].every((name) => equal(actual[name], expected[name]));
}

function contains(actual: unknown, expected: unknown): boolean {
  if (actual === expected) return true;
  if (!isPlain(actual) || !isPlain(expected)) return isDeepStrictEqual(actual, expected);
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false;
  return Object.keys(expected).every((name) => contains(actual[name], expected[name]));
}
