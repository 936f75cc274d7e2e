import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { BundleResource } from "@sluice/bundle";
import type { Clock, Result, Secret, TaggedError } from "@sluice/kernel";
import type { ApprovalSubject } from "@sluice/ledger";
import type { Obligations } from "@sluice/policy-engine";
import type { ClientIdentity, IdentityError } from "../identity/identity.ts";
import type { Catalogue, SqlSessionSettings, StatementFacts } from "../languages/facts.ts";
import type { Mistake } from "../languages/language.ts";
import type { MaskDemand, PlanCopyMasks, PlanRowMasks } from "../masking/contract.ts";
import type { DialError, DialTarget, TlsOpening } from "../upstream/dial.ts";
import type { UpstreamHosts } from "../upstream/hosts.ts";
import type { ByteStream } from "./byte-stream.ts";

/** The protocols that this build speaks. */
export type ProtocolKind = "postgres";

declare const minted: unique symbol;

/** The proof that an exchange was decided, allowed and recorded. Minted by the pipeline alone; forwarding spends it. */
export interface Permit {
  readonly [minted]: true;
  readonly exchangeId: string;
  /** Throws when it was spent before. */
  spend(): void;
}

/** Why an exchange does not pass, blind to the protocol that will say it. */
export interface Denial {
  readonly kind: /** policy says no */
    | "policy"
    /** people said no, did not answer, or could not be asked */
    | "approval"
    /** the client took its own request back */
    | "withdrawn"
    /** nothing may pass now: no bundle, lease ended */
    | "unavailable"
    /** the spool is full or failing */
    | "recorder"
    /** the request breaks a limit of the resource */
    | "limit"
    /** more requests a minute than policy allows */
    | "rate"
    /** the time that policy allows is over */
    | "time"
    /** the request cannot be understood in this session's state */
    | "unsupported";
  /** the id of the policy that decided, or the name of the built-in rule */
  readonly policyId: string;
  /** one sentence in plain words, no statement text */
  readonly reason: string;
  /** what would allow it */
  readonly hint?: string | undefined;
  /** what the text gets wrong by itself: said in the place of the reason, which is only recorded */
  readonly mistake?: Mistake | undefined;
  /** where in the request's text to look, in characters from 1 */
  readonly position?: number | undefined;
}

/** The state of a session that a judgement depends on. */
export interface SessionView {
  readonly settings: SqlSessionSettings;
  readonly inTransaction: boolean;
  /** what the session sees in a transaction in which it changed the catalogue itself; undefined: the resource's own */
  readonly catalogue: Catalogue | undefined;
  /** the facts of a statement with those of what it executes by name (EXECUTE, FETCH), by the catalogue in use */
  resolve(facts: StatementFacts, catalogue: Catalogue): StatementFacts;
}

/** What the pipeline found about one request text. Immutable; good as long as `isCurrent` says so. */
export type Judgement = JudgementBasis &
  (
    | { readonly kind: "allow" }
    | { readonly kind: "ask"; readonly workflows: readonly string[]; readonly ask: Denial }
    | { readonly kind: "deny"; readonly denial: Denial }
  );

/** What all judgements carry. */
export interface JudgementBasis {
  readonly text: string;
  readonly statements: readonly StatementFacts[];
  /** by which it was judged; undefined where there was none */
  readonly catalogue: Catalogue | undefined;
  readonly obligations: Obligations | undefined;
  /** per statement: what its rows must hide; undefined where nothing is to hide */
  readonly masks: readonly (MaskDemand | undefined)[];
  /** some statement reads a classified column that stays hidden */
  readonly readsHidden: boolean;
  /** error and notice texts may carry hidden values: of a row that was touched, or by a trigger or cascade */
  readonly errorsMayLeak: boolean;
  /** hold the answer until the record is on disk */
  readonly strict: boolean;
  /** of an approved one: whether its exchange, which can be bound long before, may still begin */
  readonly mayBegin?: (() => boolean) | undefined;
  /** Whether bundle, catalogue, time and session still are as they were judged. */
  isCurrent(view: SessionView): boolean;
}

/** How one exchange went, as the adapter saw it. */
export interface ExchangeOutcome {
  readonly status: "ok" | "refused" | "error" | "aborted";
  readonly rows: number;
  readonly bytes: number;
  readonly maskedCells: Readonly<Record<string, number>>;
  readonly error?: string | undefined;
  readonly tag?: string | undefined;
  /** the limit that cut or ended it, in words: the record's reason */
  readonly limit?: string | undefined;
}

/** An exchange that may be forwarded once. */
export interface AdmittedExchange {
  readonly permit: Permit;
  /** resolves when the intent is on disk; present only when the answer must wait for it */
  readonly durable: Promise<void> | undefined;
  /** Completes the record. Call exactly once. */
  finish(outcome: ExchangeOutcome): void;
}

/** Tells the adapter how a held exchange fares. */
export interface HoldHooks {
  /** the console's address where it can be approved */
  onLink(url: string): void;
  readonly signal: AbortSignal;
}

/** One session's way through the pipeline. All but `hold` are synchronous on a hit. */
export interface SessionGate {
  readonly sessionId: string;
  /** Decides on one request text. A promise only when the facts must be made off the event loop or the catalogue reloaded. */
  judge(text: string, view: SessionView): Judgement | Promise<Judgement>;
  /** Records the intent of an allowed exchange and mints its permit, or says why it may not be recorded. */
  admit(judgement: Judgement & { readonly kind: "allow" }): Result<AdmittedExchange, Denial>;
  /** Records a refusal. */
  refuse(judgement: Judgement, denial: Denial): void;
  /** Records a refusal of something that was never judged (too large, illegal). */
  refuseUnjudged(denial: Denial): void;
  /** Asks people and decides again with their answer. `parameters` are text forms, null for NULL. */
  hold(
    judgement: Judgement & { readonly kind: "ask" },
    parameters: ApprovalSubject["parameters"],
    view: SessionView,
    hooks: HoldHooks,
  ): Promise<Result<{ readonly judgement: Judgement; readonly exchange: AdmittedExchange }, Denial>>;
  /**
   * Reads the catalogue as this session sees it inside of its transaction, by queries on the session's own connection that
   * give rows as text. Rejects when one does.
   */
  readCatalogue(query: TrustedConnection["query"]): Promise<Catalogue>;
  /** Something ran that may have changed the catalogue. Resolves when a fresh snapshot is in use: false if none can be had. */
  catalogueChanged(): Promise<boolean>;
  /** The session is over. */
  close(reason: string): void;
}

/** Why a session could not be opened. */
export type HandshakeError = TaggedError<
  | "handshake.malformed"
  | "handshake.timeout"
  | "handshake.no_tls"
  | "handshake.unsupported"
  | "handshake.refused"
  | "handshake.limit"
  | "handshake.unavailable"
  | "handshake.upstream"
  | "handshake.closed"
>;

/** What an adapter gets from the composition root, per listener. */
export interface SessionServices {
  /** the resource as the bundle in force describes it; undefined once it is gone */
  resource(): BundleResource | undefined;
  /** for TLS towards clients; replaced when the certificate is */
  secureContext(): SecureContext;
  /** Calls back when the identity is revoked, locked or has lost this resource; returns how to stop. */
  watch(identity: ClientIdentity, end: (reason: SessionEnd) => void): () => void;
  /** Calls back after each change of the bundle; returns how to stop. */
  onBundle(changed: () => void): () => void;
  verify(token: string, claimedUser: string): Promise<Result<ClientIdentity, IdentityError>>;
  /** Decides `session.open` and records it. */
  openGate(
    identity: ClientIdentity,
    client: ClientFacts,
    end: (reason: SessionEnd) => void,
  ): Promise<Result<SessionGate, Denial>>;
}

/** What is known of the client. */
export interface ClientFacts {
  readonly ip: string;
  readonly application: string;
  readonly protocol: string;
}

/** Why the enforcer ends a live session. */
export interface SessionEnd {
  readonly kind: "revoked" | "expired" | "shutdown" | "resource_gone";
  readonly reason: string;
}

/** The masking room as sessions use it. */
export interface SessionMasking {
  readonly planRows: PlanRowMasks;
  readonly planCopy: PlanCopyMasks;
}

/** The enforcer's own credentials for an upstream. */
export interface UpstreamSecrets {
  readonly user: string;
  readonly password: Secret<string>;
  /** PEM; the system's roots when absent */
  readonly ca?: string | undefined;
}

/** Opens a stream to an upstream. */
export type Dial = (target: DialTarget, opening: TlsOpening) => Promise<Result<ByteStream, DialError>>;

/** What the composition root gives to one listener's adapter. */
export interface AdapterParts {
  /** takes clients without TLS as well: for measuring TLS apart from the rest; nothing that is configured sets it */
  readonly plaintext?: true | undefined;
  readonly services: SessionServices;
  readonly masking: SessionMasking;
  readonly clock: Clock;
  readonly dial: Dial;
  /** where the upstream is, and which of its hosts failed lately */
  readonly hosts: UpstreamHosts;
  /** user, password and CA that the site holds for this reference */
  credentials(ref: string): Result<UpstreamSecrets, TaggedError>;
}

/** A connection of the enforcer's own to an upstream: text of clients never reaches it. */
export interface TrustedConnection {
  /** leads to a server that others were preferred to: not for long */
  readonly makeshift?: boolean;
  /** All rows as text. Rejects when the upstream fails. */
  query(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  close(): void;
}

/** What a connection of the enforcer's own is opened with. */
export interface TrustedReach {
  readonly resource: BundleResource;
  readonly secrets: UpstreamSecrets;
  readonly dial: Dial;
  readonly hosts: UpstreamHosts;
}

/** What a protocol's folder offers. */
export interface ProtocolKit {
  adapter(parts: AdapterParts): ProtocolAdapter;
  /** Rejects when the upstream cannot be used. */
  openTrusted(reach: TrustedReach): Promise<TrustedConnection>;
}

/** One protocol. It owns its sockets' bytes; everything that decides is behind `SessionServices`. */
export interface ProtocolAdapter {
  readonly kind: ProtocolKind;
  /** Serves one client until it is over. Never rejects: a failing session is logged and closed. */
  serve(client: Socket): Promise<void>;
  /** Ends all sessions; resolves when they are gone, at most after `graceMs`. */
  close(end: SessionEnd, graceMs: number): Promise<void>;
  readonly sessionCount: number;
}
