import { z } from "zod";

/** The console roles of a member; groups, not roles, are what policies and workflows see. */
export const roleSchema = z.enum(["admin", "editor", "approver", "auditor", "engineer"]);
/** One console role. */
export type Role = z.infer<typeof roleSchema>;

/** Every right the console knows. `records:own` sees only exchanges that the member or their agents made. */
export const permissionSchema = z.enum([
  "overview:read",
  "records:read",
  "records:own",
  "approvals:read",
  "approvals:decide",
  "policies:read",
  "policies:write",
  "policies:approve",
  /** publishing although tests fail, with a reason */
  "policies:override",
  "resources:read",
  "resources:write",
  "enforcers:read",
  "enforcers:write",
  "identities:read",
  "identities:write",
  "settings:read",
  "settings:write",
  "access:connect",
  "tokens:own",
]);
/** One right. */
export type Permission = z.infer<typeof permissionSchema>;

const everyone: readonly Permission[] = [
  "overview:read",
  "records:own",
  "approvals:read",
  "policies:read",
  "resources:read",
  "enforcers:read",
  "identities:read",
  "access:connect",
  "tokens:own",
];

const byRole: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  admin: new Set(permissionSchema.options),
  editor: new Set([
    ...everyone,
    "records:read",
    "approvals:decide",
    "policies:write",
    "policies:approve",
    "resources:write",
    "settings:read",
  ]),
  approver: new Set([...everyone, "records:read", "approvals:decide", "policies:approve"]),
  auditor: new Set([...everyone, "records:read", "settings:read"]),
  engineer: new Set([...everyone, "approvals:decide"]),
};

/** Whether the role holds the right. Deciding one approval also needs the workflow's group: the use case checks it. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return byRole[role].has(permission);
}

/** All rights of a role, sorted. */
export function permissionsOf(role: Role): Permission[] {
  return [...byRole[role]].sort();
}
