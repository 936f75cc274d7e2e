/** Why a mutant may live: the line as it is, what it became, and the proof that nothing can tell the two apart. */
export interface KnownSurvivor {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

/** Mutants of the engine that no test kills. Any other survivor fails the run, and so does one of these that dies. */
export const knownSurvivors: readonly KnownSurvivor[] = [];
