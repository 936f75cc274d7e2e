/**
 * The demo org's people: handles never change. `role` is the console role, groups are what policies see. cy is an
 * engineer as well, because administering Sluice gives no right to change data.
 */
export const demoPeople = [
  {
    handle: "ana",
    name: "Ana Ferreira",
    email: "ana@acme.test",
    role: "engineer",
    groups: ["engineering"],
    title: "engineer",
  },
  {
    handle: "bo",
    name: "Bo Lindqvist",
    email: "bo@acme.test",
    role: "approver",
    groups: ["approvers"],
    title: "approver",
  },
  {
    handle: "cy",
    name: "Cy Nakamura",
    email: "cy@acme.test",
    role: "admin",
    groups: ["admins", "engineering"],
    title: "administrator",
  },
] as const;

/** The demo org's agents and for whom they act. */
export const demoAgents = [{ handle: "copilot", name: "Copilot", groups: ["agents"], onBehalfOf: "ana" }] as const;

/** The demo org itself. */
export const demoOrg = { slug: "acme", name: "Acme", site: { slug: "main", name: "Main" } } as const;
