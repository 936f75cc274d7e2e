import { discardDraft, publishDraft } from "../console/policy-routes.ts";
import type { ConsoleAccess } from "../env.ts";
import { refused } from "./import.ts";
import { printJson } from "./print-problems.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** How `publish` works. */
export interface PublishOptions {
  readonly note: string | undefined;
  /** why it is published although tests fail; undefined refuses them */
  readonly overrideTests: string | undefined;
  readonly json: boolean;
}

/**
 * `sluice policy publish`: puts a draft into force, or asks for the second person that its effect needs. Refused while tests
 * fail, unless somebody who may override them says why.
 */
export async function publish(
  draft: number,
  access: ConsoleAccess,
  { note, overrideTests, json }: PublishOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await publishDraft(access, draft, { note, overrideTests });
  if (!answer.ok) return refused(answer.error, terminal);
  if (json) printJson(answer.value, terminal);
  else if (answer.value.version !== null) terminal.print(`version ${answer.value.version} is published`);
  else terminal.print(`a second person has to agree in the console first: request ${answer.value.requestId}`);
  return 0;
}

/** `sluice policy discard`: puts a draft aside; it stays readable and is never published. */
export async function discard(
  draft: number,
  access: ConsoleAccess,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await discardDraft(access, draft);
  if (!answer.ok) return refused(answer.error, terminal);
  if (json) printJson(answer.value, terminal);
  else terminal.print(`draft ${draft} is discarded`);
  return 0;
}
