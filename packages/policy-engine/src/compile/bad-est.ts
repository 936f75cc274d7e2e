import type { LoadError } from "../contract.ts";

/** Carries a refusal out of the recursive readers; `load` turns it into a Result. Never leaves this package. */
export class BadEst extends Error {
  override readonly name = "BadEst";
  readonly code: LoadError["code"];
  constructor(code: LoadError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Refuses what is not Cedar's JSON form. */
export function refuse(message: string): never {
  throw new BadEst("policy.bad_est", message);
}
