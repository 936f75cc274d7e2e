/** A problem in a file of a policy folder, as compilers print it: lines and columns from 1. */
export interface PlacedProblem {
  /** below the folder, with `/` */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: "error" | "warning";
  readonly code: string;
  /** one sentence: what is wrong */
  readonly message: string;
  readonly suggestion?: string | undefined;
}
