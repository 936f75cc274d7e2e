/** What went wrong while one policy was evaluated. A value, not an exception: evaluation never throws. */
export class Fault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}
