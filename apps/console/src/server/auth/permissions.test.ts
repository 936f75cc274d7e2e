import { expect, test } from "vitest";
import { permissionSchema, permissionsOf, roleAllows, roleSchema } from "./permissions.ts";

test("only an admin may change people, enforcers and settings", () => {
  for (const permission of ["identities:write", "enforcers:write", "settings:write"] as const) {
    expect(roleSchema.options.filter((role) => roleAllows(role, permission))).toEqual(["admin"]);
  }
});

test("an engineer sees only their own records, an auditor all, and neither writes policy", () => {
  expect(roleAllows("engineer", "records:read")).toBe(false);
  expect(roleAllows("engineer", "records:own")).toBe(true);
  expect(roleAllows("auditor", "records:read")).toBe(true);
  expect(roleAllows("engineer", "policies:write")).toBe(false);
  expect(roleAllows("auditor", "policies:write")).toBe(false);
});

test("an admin holds every right there is", () => {
  expect(permissionsOf("admin")).toEqual([...permissionSchema.options].sort());
});
