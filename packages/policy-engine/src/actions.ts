import type { EntityInput } from "./contract.ts";
import { internUid } from "./values/uid.ts";

/** Every action of sluice.cedarschema with the groups it is in; a test holds the two equal. */
const groupsByAction: Readonly<Record<string, readonly string[]>> = {
  read: [],
  write: [],
  destroy: ["write"],
  ddl: ["write"],
  admin: ["write"],
  exec: [],
  egress: [],
  "session.open": [],
  "sql.read": ["read"],
  "sql.write": ["write"],
  "sql.ddl": ["ddl"],
  "sql.admin": ["admin"],
  "sql.read.select": ["sql.read"],
  "sql.read.session": ["sql.read"],
  "sql.read.export": ["sql.read", "egress"],
  "sql.read.explain": ["sql.read"],
  "sql.read.listen": ["sql.read"],
  "sql.write.insert": ["sql.write"],
  "sql.write.update": ["sql.write"],
  "sql.write.delete": ["sql.write"],
  "sql.write.import": ["sql.write"],
  "sql.write.lock": ["sql.write"],
  "sql.write.notify": ["sql.write"],
  "sql.destroy.truncate": ["sql.write", "destroy"],
  "sql.destroy.drop": ["sql.ddl", "destroy"],
  "sql.ddl.create": ["sql.ddl"],
  "sql.ddl.alter": ["sql.ddl"],
  "sql.admin.role": ["sql.admin"],
  "sql.admin.setting": ["sql.admin"],
  "sql.admin.server": ["sql.admin"],
  "sql.admin.maintain": ["sql.admin"],
  "sql.exec.call": ["exec"],
  "sql.opaque": ["exec", "admin"],
  unmask: [],
};

/** The actions of the shipped schema as entities. */
export function sluiceActions(): EntityInput[] {
  return Object.entries(groupsByAction).map(([id, groups]) => ({
    uid: internUid("Action", id),
    attrs: {},
    parents: groups.map((group) => internUid("Action", group)),
  }));
}
