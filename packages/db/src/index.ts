export { type Db, type DbOptions, type OrgSql, type OrgTx, openDb } from "./db.ts";
export { isForeignKeyViolation, isUniqueViolation } from "./errors.ts";
export type * from "./generated/client.ts";
export { Prisma } from "./generated/client.ts";
export type { Found, Lookups } from "./lookups.ts";
