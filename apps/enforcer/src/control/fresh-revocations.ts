import type { SessionRevocation } from "./site.ts";

const ENTRIES_MAX = 10_000;
const GRANT = "grant ";

/**
 * Revocations of tokens, principals and grants that no bundle shows yet. They travel ahead of bundles, so between the two a
 * client that was just thrown out must not come in again. At most 10,000; beyond, the oldest are forgotten (by then
 * bundles show them).
 */
export interface FreshRevocations {
  add(revocation: SessionRevocation, serverTimeMs: number): void;
  has(kind: "token" | "principal", value: string): boolean;
  /** ids of grants */
  grants(): string[];
  /** A bundle built after a revocation shows it, or shows that it was lifted. */
  forgetBefore(builtAtMs: number): void;
}

/** None yet. */
export function freshRevocations(): FreshRevocations {
  const since = new Map<string, number>();
  return {
    add: ({ kind, value }, serverTimeMs) => {
      if (kind !== "token" && kind !== "principal" && kind !== "grant") return;
      since.delete(`${kind} ${value}`);
      since.set(`${kind} ${value}`, serverTimeMs);
      const oldest = since.size > ENTRIES_MAX ? since.keys().next().value : undefined;
      if (oldest !== undefined) since.delete(oldest);
    },
    has: (kind, value) => since.has(`${kind} ${value}`),
    grants: () => [...since.keys()].flatMap((key) => (key.startsWith(GRANT) ? key.slice(GRANT.length) : [])),
    forgetBefore: (builtAtMs) => {
      for (const [key, atMs] of since) if (atMs < builtAtMs) since.delete(key);
    },
  };
}
