/** Where a command writes: what was asked for, and what went wrong. */
export interface Terminal {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** How a command ends: 0 fine, 1 the policies are not (or differ), 2 the command could not be carried out. */
export type ExitCode = 0 | 1 | 2;

/** Says why a command cannot be carried out. */
export function refuse(why: string, terminal: Terminal): ExitCode {
  terminal.complain(why);
  return 2;
}
