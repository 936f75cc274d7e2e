export function reachableByOthers(path: string): boolean;
export function dataDirOf(stateDir: string): string;
export function binariesDirFor(version: string): string;
