import { type TaggedError, taggedError } from "@sluice/kernel";

/** There is no such thing in this org: the same answer for what never was and for what is another org's. */
export function notFound(what: string): TaggedError<"request.not_found"> {
  return taggedError("request.not_found", `There is no such ${what} here.`);
}

/** It exists, but this member may not. `because` is a sentence that says what would help. */
export function forbidden(because: string): TaggedError<"request.forbidden"> {
  return taggedError("request.forbidden", because);
}

/** Somebody else was first, or the state does not allow it any more. */
export function conflict(because: string): TaggedError<"request.conflict"> {
  return taggedError("request.conflict", because, { retry: "after-change" });
}

/** Understood, but not acceptable as it is. */
export function invalid(because: string): TaggedError<"request.invalid"> {
  return taggedError("request.invalid", because, { retry: "after-change" });
}
