/** One line of the table of who may import whom, with an import that breaks it. */
export interface WallRule {
  readonly name: string;
  readonly comment: string;
  readonly example: readonly [from: string, to: string | undefined];
}
export const rules: readonly WallRule[];
export const ruleSet: object;
