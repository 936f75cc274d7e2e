import type { KeyObject } from "node:crypto";
import type { Clock } from "@sluice/kernel";
import type { EntryOwner } from "./entry-text.ts";
import type { SpoolIo } from "./spool-io.ts";

/** What a spool is made of. */
export interface SpoolOptions {
  readonly directory: string;
  readonly owner: EntryOwner;
  /** the enforcer's enrolment key */
  readonly signingKey: KeyObject;
  /** `begin` refuses beyond this */
  readonly bytesMax: number;
  readonly clock: Clock;
  readonly io: SpoolIo;
  /** a file is closed when it is larger than this at a seal; default an eighth of `bytesMax`, at most 16 MiB */
  readonly segmentBytes?: number;
}
