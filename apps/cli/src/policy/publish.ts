import { publishDraft } from "../console/policy-routes.ts";
import type { ConsoleAccess } from "../env.ts";
import { refused } from "./import.ts";
import { printJson } from "./print-problems.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `sluice policy publish`: puts a draft into force, or asks for the second person that its effect needs. */
export async function publish(
  draft: number,
  access: ConsoleAccess,
  { note, json }: { readonly note: string | undefined; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await publishDraft(access, draft, note);
  if (!answer.ok) return refused(answer.error, terminal);
  if (json) printJson(answer.value, terminal);
  else if (answer.value.version !== null) terminal.print(`version ${answer.value.version} is published`);
  else terminal.print(`a second person has to agree in the console first: request ${answer.value.requestId}`);
  return 0;
}
