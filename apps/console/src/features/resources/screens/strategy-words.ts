import type { ResourceDetail } from "../schemas.ts";

/** How a data class is hidden, in plain words. */
export const strategyWords: Record<ResourceDetail["dataClasses"][number]["strategy"], string> = {
  partial: "partly hidden",
  format: "another number of the same form",
  hmac: "joinable token",
  redact: "hidden whole",
  null: "empty",
};
