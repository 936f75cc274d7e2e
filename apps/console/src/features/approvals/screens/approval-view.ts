/** The three lists of the inbox. */
export type ApprovalView = "waiting" | "mine" | "decided";

/** Narrows text from the address; anything else is the inbox. */
export function parseApprovalView(text: unknown): ApprovalView {
  return text === "mine" || text === "decided" ? text : "waiting";
}
