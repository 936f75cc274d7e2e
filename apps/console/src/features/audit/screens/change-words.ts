const verbs: Readonly<Record<string, string>> = {
  add: "added",
  approve: "approved",
  ban: "banned",
  change: "changed",
  create: "created",
  decide: "decided",
  delete: "deleted",
  discard: "discarded",
  enrol: "enrolled",
  expire: "expired",
  import: "imported",
  issue: "issued",
  lock: "locked",
  publish: "published",
  refuse: "refused",
  remove: "removed",
  revoke: "revoked",
  rollback: "rolled back",
  save: "saved",
  set: "set",
  start: "started",
  stop: "stopped",
  unlock: "unlocked",
  update: "updated",
  withdraw: "withdrew",
};

/** A change's action as people say it: "access_token.issue" becomes "issued access token". */
export function changeWords(action: string): string {
  const parts = action.split(".");
  const verb = verbs[parts.at(-1) ?? ""];
  const thing = parts.slice(0, -1).join(" ").replaceAll("_", " ").replace("api ", "API ");
  return verb === undefined || thing === "" ? action.replaceAll(/[._]/g, " ") : `${verb} ${thing}`;
}

/** The name in a Cedar id (`User::"ana"` is ana); other targets stay as they are. */
export function targetName(target: string): string {
  return /^\w+::"(.+)"$/.exec(target)?.[1] ?? target;
}
