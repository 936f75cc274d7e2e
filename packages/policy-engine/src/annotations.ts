import type { MaskStrategy, RecordingLevel, Severity } from "./contract.ts";
import { parseDuration } from "./values/datetime.ts";
import { Fault } from "./values/fault.ts";

/** The three sets of a bundle. */
export type SetName = "guardrails" | "access" | "obligations";

/** What a policy's annotations say, read once when it is loaded. */
export interface Annotations {
  readonly id?: string;
  readonly description?: string;
  readonly owner?: string;
  readonly severity?: Severity;
  readonly advice?: string;
  readonly requireApproval: readonly string[];
  readonly masks: readonly (readonly [dataClass: string, strategy: MaskStrategy])[];
  readonly rowsMax?: number;
  readonly bytesMax?: number;
  readonly timeMsMax?: number;
  readonly ratePerMinuteMax?: number;
  readonly recording?: RecordingLevel;
  readonly strict?: boolean;
  readonly notify: readonly string[];
}

/** One entry of the registry. */
export interface AnnotationRule {
  readonly name: string;
  /** what its text must be, in words */
  readonly form: string;
  /** for the editor's completion and the policy guide */
  readonly meaning: string;
  /** the sets where it has an effect; elsewhere it is an error */
  readonly sets: readonly SetName[];
  readonly read: (text: string) => Partial<Annotations> | Fault;
}

/** No annotation at all. */
export const noAnnotations: Annotations = { requireApproval: [], masks: [], notify: [] };

const everywhere: readonly SetName[] = ["guardrails", "access", "obligations"];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
const INTEGER = /^[1-9][0-9]{0,14}$/;
const severities: ReadonlySet<string> = new Set<Severity>(["info", "low", "medium", "high", "critical"]);
const levels: ReadonlySet<string> = new Set<RecordingLevel>(["facts", "statement", "full"]);
const strategies: ReadonlySet<string> = new Set<MaskStrategy>(["null", "redact", "hmac", "format", "partial"]);

function isSeverity(text: string): text is Severity {
  return severities.has(text);
}
function isLevel(text: string): text is RecordingLevel {
  return levels.has(text);
}
function isStrategy(text: string): text is MaskStrategy {
  return strategies.has(text);
}

function list(text: string): string[] | Fault {
  const items = text.split(",").map((item) => item.trim());
  const bad = items.find((item) => !NAME.test(item));
  return bad === undefined ? items : new Fault(`"${bad}" is not a name`);
}

function count(text: string, as: (count: number) => Partial<Annotations>): Partial<Annotations> | Fault {
  return INTEGER.test(text) ? as(Number(text)) : new Fault(`"${text}" is not a positive whole number`);
}

function readMasks(text: string): Partial<Annotations> | Fault {
  const masks: [string, MaskStrategy][] = [];
  for (const item of text.split(",")) {
    const [dataClass = "", strategy = "", ...rest] = item.trim().split(":");
    if (rest.length > 0 || !NAME.test(dataClass) || !isStrategy(strategy)) {
      return new Fault(`"${item.trim()}" is not class:strategy with strategy null, redact, hmac, format or partial`);
    }
    masks.push([dataClass, strategy]);
  }
  return { masks };
}

function readTime(text: string): Partial<Annotations> | Fault {
  const span = parseDuration(text);
  if (span instanceof Fault) return span;
  return typeof span.ms === "number" && span.ms > 0 ? { timeMsMax: span.ms } : new Fault(`"${text}" is not positive`);
}

function names(key: "requireApproval" | "notify"): (text: string) => Partial<Annotations> | Fault {
  return (text) => {
    const items = list(text);
    return items instanceof Fault ? items : { [key]: items };
  };
}

/** Every annotation Sluice knows. A policy with any other is refused: a typo must not silently drop a limit. */
export const annotationRegistry: readonly AnnotationRule[] = [
  {
    name: "id",
    form: "a name, unique in the bundle",
    meaning: "names the policy in every verdict and record",
    sets: everywhere,
    read: (id) => (NAME.test(id) ? { id } : new Fault(`"${id}" is not a name`)),
  },
  {
    name: "description",
    form: "text",
    meaning: "says what the policy is for",
    sets: everywhere,
    read: (description) => ({ description }),
  },
  {
    name: "owner",
    form: "text",
    meaning: "who answers for the policy",
    sets: everywhere,
    read: (owner) => ({ owner }),
  },
  {
    name: "severity",
    form: "info, low, medium, high or critical",
    meaning: "how much a refusal matters",
    sets: everywhere,
    read: (text) => (isSeverity(text) ? { severity: text } : new Fault(`"${text}" is not a severity`)),
  },
  {
    name: "advice",
    form: "text",
    meaning: "tells whoever was refused what to do instead",
    sets: everywhere,
    read: (advice) => ({ advice }),
  },
  {
    name: "require_approval",
    form: "workflow names separated by commas",
    meaning: "on a forbid: asks these workflows instead of refusing; on an obligation: asks them as well",
    sets: everywhere,
    read: names("requireApproval"),
  },
  {
    name: "mask",
    form: "class:strategy pairs separated by commas",
    meaning: "hides these data classes at least so strongly",
    sets: ["obligations"],
    read: readMasks,
  },
  {
    name: "limit_rows",
    form: "a positive whole number",
    meaning: "at most so many rows in the answer",
    sets: ["obligations"],
    read: (text) => count(text, (rowsMax) => ({ rowsMax })),
  },
  {
    name: "limit_bytes",
    form: "a positive whole number",
    meaning: "at most so many bytes in the answer",
    sets: ["obligations"],
    read: (text) => count(text, (bytesMax) => ({ bytesMax })),
  },
  {
    name: "limit_time",
    form: "a duration such as 30s or 5m",
    meaning: "at most so long for the whole exchange",
    sets: ["obligations"],
    read: readTime,
  },
  {
    name: "limit_rate",
    form: "a positive whole number",
    meaning: "at most so many exchanges a minute",
    sets: ["obligations"],
    read: (text) => count(text, (ratePerMinuteMax) => ({ ratePerMinuteMax })),
  },
  {
    name: "record",
    form: "facts, statement or full",
    meaning: "how much of the exchange is recorded at least",
    sets: ["obligations"],
    read: (text) => (isLevel(text) ? { recording: text } : new Fault(`"${text}" is not a level`)),
  },
  {
    name: "strict",
    form: "true, or nothing",
    meaning: "holds the answer until its record is on disk",
    sets: ["obligations"],
    read: (text) =>
      text === "true" || text === "" ? { strict: true } : new Fault('strict is written @strict("true")'),
  },
  {
    name: "notify",
    form: "channel names separated by commas",
    meaning: "tells these channels about the exchange",
    sets: ["obligations"],
    read: names("notify"),
  },
];

const rules: ReadonlyMap<string, AnnotationRule> = new Map(annotationRegistry.map((rule) => [rule.name, rule]));

/** A problem with one annotation. */
export interface AnnotationProblem {
  readonly kind: "unknown" | "ill_typed" | "misplaced";
  readonly name: string;
  readonly message: string;
}

/** Reads a policy's annotations by the registry, with every problem found. */
export function readAnnotations(
  raw: Readonly<Record<string, unknown>>,
  set: SetName,
  effect: "permit" | "forbid",
): { readonly annotations: Annotations; readonly problems: readonly AnnotationProblem[] } {
  let annotations: Annotations = noAnnotations;
  const problems: AnnotationProblem[] = [];
  for (const [name, written] of Object.entries(raw)) {
    // `@strict` without a text is null in EST and "" in Cedar's own terms
    const text = written ?? "";
    const rule = rules.get(name);
    const read = rule === undefined || typeof text !== "string" ? undefined : rule.read(text);
    if (rule === undefined || read === undefined) {
      problems.push({ kind: "unknown", name, message: `@${name} is not an annotation Sluice knows` });
    } else if (read instanceof Fault) {
      problems.push({ kind: "ill_typed", name, message: `@${name} takes ${rule.form}: ${read.message}` });
    } else {
      const misplaced = misplacement(rule, set, effect);
      if (misplaced !== undefined) problems.push({ kind: "misplaced", name, message: misplaced });
      annotations = { ...annotations, ...read };
    }
  }
  return { annotations, problems };
}

function misplacement(rule: AnnotationRule, set: SetName, effect: "permit" | "forbid"): string | undefined {
  if (!rule.sets.includes(set)) return `@${rule.name} has no effect in ${set}; it belongs in ${rule.sets.join(" or ")}`;
  if (rule.name === "require_approval" && effect === "permit" && set !== "obligations") {
    return "@require_approval on a permit has no effect; put it on a forbid or on an obligation";
  }
  return undefined;
}
