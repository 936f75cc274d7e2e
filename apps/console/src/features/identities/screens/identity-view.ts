/** The tabs of the identities page. */
export type IdentityView = "people" | "agents" | "groups";

/** Narrows text from the address; anything else is people. */
export function parseIdentityView(text: unknown): IdentityView {
  return text === "agents" || text === "groups" ? text : "people";
}
