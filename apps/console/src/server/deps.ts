import type { Queues } from "@sluice/jobs";
import type { Clock } from "@sluice/kernel";
import type { AddressPolicy } from "./outbound/address-policy.ts";
import type { Sealer } from "./seal.ts";
import type { Wakeups } from "./wakeups.ts";

/** What use cases need of the world besides their org's data, built once per process by the composition root. */
export interface Deps {
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly wakeups: Wakeups;
  /** work for the worker; what is queued may be lost, so its source stays in the database */
  readonly queues: Pick<Queues, "enqueue">;
  /** the console's origin, for links */
  readonly publicUrl: URL;
  /** what may be reached at addresses that tenants name */
  readonly outbound: AddressPolicy;
}
