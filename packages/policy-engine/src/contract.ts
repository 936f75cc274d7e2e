import type { Result, TaggedError } from "@sluice/kernel";
import type { FlipKind } from "./impact.ts";
import type { Val } from "./values/value.ts";

/**
 * A Cedar value, built by the caller with `value.*` once and shared: nothing is parsed per decision.
 * Treat it as opaque outside this package.
 */
export type Value = Val;

/** Names an entity. Build it with `entityUid`, which interns: equal names are the same object. */
export interface EntityUid {
  readonly type: string;
  readonly id: string;
}

/** Named values: an object's own fields, or a map where names come from outside. */
export type Fields = Readonly<Record<string, Value>> | ReadonlyMap<string, Value>;

/** One entity as its owner knows it. Parents are direct; ancestors are computed by the snapshot. */
export interface EntityInput {
  readonly uid: EntityUid;
  readonly attrs: Fields;
  readonly tags?: Fields;
  readonly parents: readonly EntityUid[];
}

/** Immutable entities with precomputed ancestors. `with` shares what did not change. */
export interface EntitySnapshot {
  readonly size: number;
  has(uid: EntityUid): boolean;
  with(upserts: Iterable<EntityInput>, removals?: Iterable<EntityUid>): EntitySnapshot;
}

/** The three sets of one bundle, each Cedar's own JSON form (EST) of a policy set. */
export interface PolicySets {
  readonly guardrails: unknown;
  readonly access: unknown;
  readonly obligations: unknown;
}

/** What is asked: one principal chain, one action, one resource. */
export interface DecisionRequest {
  /** Who acts. */
  readonly principal: EntityUid;
  /** The person an agent acts for: decided as well, the strictest answer wins. */
  readonly onBehalfOf?: EntityUid | undefined;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  /** A record value. */
  readonly context: Value;
  readonly entities: EntitySnapshot;
  /** The obligations this path can carry out; absent means all. One that it cannot carry out denies. */
  readonly understands?: ReadonlySet<ObligationKind> | undefined;
}

/** The kinds of obligation, named like their annotations. */
export type ObligationKind =
  | "mask"
  | "limit_rows"
  | "limit_bytes"
  | "limit_time"
  | "limit_rate"
  | "record"
  | "strict"
  | "notify"
  | "require_approval";

/** Why a decision is a deny. */
export type DenyCode =
  /** a guardrail forbids it */
  | "forbidden"
  /** nothing permits it */
  | "no_permit"
  /** a forbid could not be evaluated: doubt denies */
  | "policy_error"
  /** an obligation that the caller does not know */
  | "unknown_obligation"
  /** the request itself is malformed */
  | "bad_request";

/** How much a refusal matters, as its policy's author rates it. */
export type Severity = "info" | "low" | "medium" | "high" | "critical";

/** How much of an exchange is recorded, weakest first. */
export type RecordingLevel = "facts" | "statement" | "full";

/** What an allowed exchange must still do, merged over all satisfied obligation policies. */
export interface Obligations {
  /** the smallest of all, absent when unlimited */
  readonly rowsMax?: number;
  readonly bytesMax?: number;
  readonly timeMsMax?: number;
  readonly ratePerMinuteMax?: number;
  /** data class → strategy, beyond the default masking */
  readonly masks: ReadonlyMap<string, MaskStrategy>;
  readonly recording: RecordingLevel;
  /** hold the answer until its record is on disk */
  readonly strict: boolean;
  readonly notify: readonly string[];
  /** asked for by an obligation policy and not yet given; the verdict is an ask that names them too */
  readonly approvals: readonly string[];
}

/** How a value of a data class is hidden; strongest first: null, redact, hmac, format, partial. */
export type MaskStrategy = "null" | "redact" | "hmac" | "format" | "partial";

/** What every verdict carries so that it can explain itself. */
export interface VerdictBasis {
  /** `@id`s of the policies that decided. */
  readonly determining: readonly string[];
  /** policies that failed to evaluate, with the reason */
  readonly errors: readonly { readonly policyId: string; readonly message: string }[];
}

/** The answer. */
export type Verdict =
  | ({ readonly kind: "allow"; readonly obligations: Obligations } & VerdictBasis)
  | ({ readonly kind: "ask"; readonly workflows: readonly string[]; readonly obligations: Obligations } & VerdictBasis)
  | ({
      readonly kind: "deny";
      readonly code: DenyCode;
      readonly advice?: string | undefined;
      readonly severity?: Severity | undefined;
    } & VerdictBasis);

/** Longer than a verdict, for people: made only when somebody asks why. */
export interface Explanation {
  readonly verdict: Verdict;
  readonly policies: readonly {
    readonly id: string;
    /** whom it was asked about: the principal, or the person it acts for, as `User::"ana"` */
    readonly principal: string;
    readonly set: "guardrails" | "access" | "obligations";
    readonly effect: "permit" | "forbid";
    readonly outcome: "satisfied" | "not_satisfied" | "error";
    /** the request attributes and entities that its scope and conditions read, as text, e.g. `context.sql.unbounded = true` */
    readonly reads: readonly string[];
  }[];
  /** in plain words, what would have allowed it; empty when allowed */
  readonly wouldAllow: readonly string[];
  /** in plain words, what was left out to bound the cost; absent when nothing was */
  readonly leftOut?: readonly string[];
}

/** The answers to a question about many, with what bounds its cost. */
export interface Answers<Answer> {
  readonly answers: readonly Answer[];
  /** how many were asked about: never more than 10,000 */
  readonly considered: number;
  /** false when there were more to ask about, which the answers say nothing of */
  readonly complete: boolean;
}

/** Compiled policies: immutable, safe to share. */
export interface PolicyEngine {
  readonly policyCount: number;
  /** Synchronous, total (never throws), reads no clock. */
  readonly decide: (request: DecisionRequest) => Verdict;
  /**
   * Lists at most 200 policies with 32 facts each, and looks at 2,000 permits for what would have allowed it; `leftOut` says
   * what is missing.
   */
  readonly explain: (request: DecisionRequest) => Explanation;
  /** Principals of the given types in the snapshot that would be allowed (or asked), with the request otherwise as given. */
  readonly whoCan: (
    question: Omit<DecisionRequest, "principal" | "onBehalfOf"> & { readonly principals?: Iterable<EntityUid> },
  ) => Answers<{ readonly principal: EntityUid; readonly verdict: Verdict }>;
  readonly whatCan: (
    question: Pick<DecisionRequest, "principal" | "onBehalfOf" | "entities"> & {
      readonly pairs: Iterable<{ readonly action: EntityUid; readonly resource: EntityUid; readonly context: Value }>;
    },
  ) => Answers<{ readonly action: EntityUid; readonly resource: EntityUid; readonly verdict: Verdict }>;
  /** Decides with this engine and, beside it, with another one's policies: the verdict is always this one's. */
  readonly shadow: (other: PolicyEngine) => { readonly decide: (request: DecisionRequest) => ShadowedVerdict };
}

/** A verdict and what other policies would have said. */
export interface ShadowedVerdict {
  readonly verdict: Verdict;
  readonly other: Verdict;
  /** how the other differs; undefined when it does not */
  readonly flip: FlipKind | undefined;
}

/** Why a bundle's policies cannot be used. */
export type LoadError = TaggedError<
  | "policy.bad_est"
  | "policy.unknown_version"
  | "policy.unknown_annotation"
  | "policy.bad_annotation"
  | "policy.duplicate_id"
  | "policy.misplaced_effect"
  | "policy.unsupported_expression"
>;

/** The shape of `load`. */
export type LoadPolicies = (sets: PolicySets) => Result<PolicyEngine, LoadError>;
