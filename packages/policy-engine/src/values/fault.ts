/** What went wrong while one policy was evaluated. A value, not an exception: evaluation never throws. */
export class Fault {
  readonly #message: string | (() => string);
  /** The text is made when somebody reads it: most faults only count. */
  constructor(message: string | (() => string)) {
    this.#message = message;
  }
  get message(): string {
    return typeof this.#message === "string" ? this.#message : this.#message();
  }
}
