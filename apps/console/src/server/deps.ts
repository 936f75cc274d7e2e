import type { Clock } from "@sluice/kernel";

/** What use cases need of the world, built once per process by the composition root. */
export interface Deps {
  readonly clock: Clock;
}
