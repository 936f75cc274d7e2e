import type { Db, OrgSql, OrgTx } from "@sluice/db";
import type { Role } from "./auth/permissions.ts";

/** The tenant a request belongs to, found by its Host. */
export interface OrgRef {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** where its people use the console, e.g. https://acme.sluice.example */
  readonly origin: string;
}

/** The member who asks, as they stand in the database now. */
export interface Actor {
  readonly memberId: string;
  readonly handle: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  /** names of groups */
  readonly groups: readonly string[];
}

/** One org's data. Each call is one transaction. */
export interface OrgData {
  readonly orgId: string;
  tx<T>(work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /** the same over a bare connection, three times cheaper: search and counting */
  sql<T>(work: (sql: OrgSql) => Promise<T>): Promise<T>;
}

/**
 * One org and one member: the only way a use case reaches data. Built by the ladder (trpc.ts) and by the REST
 * transport from a checked session or token, never by a feature.
 */
export interface OrgScope {
  readonly org: OrgRef;
  readonly actor: Actor;
  readonly data: OrgData;
}

/** Closes a database handle over one org. Only transports and composition roots call it. */
export function dataOf(db: Db, orgId: string): OrgData {
  return { orgId, tx: (work) => db.withOrg(orgId, work), sql: (work) => db.withOrgSql(orgId, work) };
}
