import { assert } from "@sluice/kernel";
import type { Permit } from "../protocols/protocol.ts";
import type { RecordTicket } from "../recorder/recorder.ts";

/** The only class behind `Permit`. It exists only together with the ticket of a recorded intent. */
class RecordedPermit {
  readonly #ticket: RecordTicket;
  #spent = false;

  constructor(ticket: RecordTicket) {
    this.#ticket = ticket;
  }

  get exchangeId(): string {
    return this.#ticket.id;
  }

  spend(): void {
    assert(!this.#spent, "a permit is spent once");
    this.#spent = true;
  }
}

/** Nothing else makes one, so being one is having been minted here. */
function isPermit(candidate: RecordedPermit): candidate is RecordedPermit & Permit {
  return candidate instanceof RecordedPermit;
}

/** Mints the permit of an allowed exchange whose intent is in the spool. Called by the pipeline after `begin`. */
export function mintPermit(ticket: RecordTicket): Permit {
  const permit = new RecordedPermit(ticket);
  assert(isPermit(permit), "a minted permit is a permit");
  return permit;
}
