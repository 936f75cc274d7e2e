import type { UpstreamReach } from "../schemas.ts";

/** Which of several hosts sessions use, in plain words. */
export const targetWords: Record<UpstreamReach["targetSession"], string> = {
  any: "any host",
  "read-write": "hosts that take writes",
  "read-only": "hosts that refuse writes",
  primary: "the primary",
  standby: "a standby",
  "prefer-standby": "a standby, else the primary",
};
