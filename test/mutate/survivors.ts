/** Why a mutant may live: `line` is the unchanged line, `after` what it became. */
export interface KnownSurvivor {
  readonly file: string;
  readonly after: string;
  readonly reason: string;
}

/** Mutants of the engine that no test kills, each with the reason. Anything that survives and is not here fails the run. */
export const knownSurvivors: readonly KnownSurvivor[] = [];
