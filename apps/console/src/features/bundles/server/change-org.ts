import type { OrgTx } from "@sluice/db";
import type { Deps } from "../../../server/deps.ts";
import type { OrgData } from "../../../server/scope.ts";
import { wakeOrg } from "../../../server/wake-org.ts";
import { type Change, type ChangeActor, recordChange } from "../../records/index.ts";
import { type BundleCause, buildBundles } from "./build-bundle.ts";
import { prepareBuild } from "./policy-compiler.ts";

/** What a change may ask for while it runs; done in the same transaction, after its own writes. */
export interface ChangeNotes {
  /** Adds a record to the org's ledger. Every change makes at least one. */
  record(change: Change): void;
  /** Policies, or something that policies or enforcers see, changed: new bundles. */
  rebuild(cause: BundleCause): void;
}

/**
 * The one way to change an org: the writes, their ledger records and the bundles that follow from them are one
 * transaction; afterwards everyone who listens is woken (enforcers apply the bundle within two seconds; a lost wake-up
 * costs a few more, as control looks by itself). Throws when the work throws, and then nothing has happened.
 */
export async function changeOrg<T>(
  deps: Deps,
  data: OrgData,
  actor: ChangeActor,
  work: (tx: OrgTx, notes: ChangeNotes) => Promise<T>,
): Promise<T> {
  await prepareBuild(data);
  const value = await data.tx(async (tx) => {
    const changes: Change[] = [];
    let cause: BundleCause | undefined;
    const result = await work(tx, {
      record: (change) => void changes.push(change),
      rebuild: (because) => {
        cause ??= because;
      },
    });
    for (const change of changes) await recordChange(tx, deps, data.orgId, actor, change);
    if (cause) await buildBundles(tx, deps, data.orgId, cause);
    return result;
  });
  await wakeOrg(deps, data.orgId);
  return value;
}
