/** One import that a rule forbids. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly cycle?: readonly string[];
}
export function cruiseTree(baseDir: string): Promise<{ violations: Violation[]; modules: Set<string> }>;
