import type { SecureContext } from "node:tls";
import type { BundleResource } from "@sluice/bundle";
import { type Clock, err, ok, type Result, type TaggedError } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";
import { catalogueFingerprint, loadCatalogue, loadWithinTransaction } from "./catalogue/index.ts";
import type { Approvals } from "./control/approvals.ts";
import type { SiteState } from "./control/site.ts";
import type { VerifyAccessToken } from "./identity/identity.ts";
import type { Catalogue } from "./languages/facts.ts";
import type { AnalyseSql, DiagnoseSql } from "./languages/language.ts";
import { listenTcp, type TcpListener } from "./listeners/tcp-listener.ts";
import { openSession, watchIdentity } from "./pipeline/open-session.ts";
import { RateTable } from "./pipeline/rates.ts";
import type { ShadowTap } from "./pipeline/shadow-tap.ts";
import type {
  AdapterParts,
  ProtocolAdapter,
  ProtocolKind,
  ProtocolKit,
  SessionEnd,
  SessionMasking,
  UpstreamSecrets,
} from "./protocols/protocol.ts";
import type { Recorder } from "./recorder/recorder.ts";
import { CatalogueKeeper } from "./upstream/catalogue-keeper.ts";
import { dial } from "./upstream/dial.ts";
import { UpstreamHosts } from "./upstream/hosts.ts";

/** What all resources of an enforcer share. */
export interface HostParts {
  readonly protocols: Readonly<Record<ProtocolKind, ProtocolKit>>;
  readonly site: SiteState;
  readonly recorder: Recorder;
  readonly approvals: Approvals;
  readonly verifyAccessToken: VerifyAccessToken;
  readonly analyse: AnalyseSql;
  readonly diagnose: DiagnoseSql;
  readonly masking: SessionMasking;
  readonly clock: Clock;
  readonly secureContext: () => SecureContext;
  readonly credentials: (ref: string) => Result<UpstreamSecrets, TaggedError<"env.no_credentials">>;
  readonly shadow?: ShadowTap | undefined;
  /** as in AdapterParts */
  readonly plaintext?: true | undefined;
  onCatalogue(resourceId: string, catalogue: Catalogue): void;
}

const log = logger("enforcer.resource");

/** One resource at work: its listener, its sessions, its catalogue. */
export class ResourceHost {
  readonly resource: BundleResource;
  readonly #parts: HostParts;
  readonly #adapter: ProtocolAdapter;
  readonly #rates: RateTable;
  readonly #keeper: CatalogueKeeper;
  readonly #hosts: UpstreamHosts;
  #listener: TcpListener | undefined;

  constructor(resource: BundleResource, parts: HostParts) {
    this.resource = resource;
    this.#parts = parts;
    this.#keeper = new CatalogueKeeper({
      resource: resource.name,
      connect: () => this.#trusted(),
      load: loadCatalogue,
      fingerprint: catalogueFingerprint,
      onLoaded: (catalogue) => parts.onCatalogue(resource.id, catalogue),
    });
    this.#rates = new RateTable(parts.clock);
    this.#hosts = new UpstreamHosts({ clock: parts.clock });
    this.#adapter = parts.protocols[resource.kind].adapter(this.#adapterParts());
  }

  get sessionCount(): number {
    return this.#adapter.sessionCount;
  }

  /** host:port once it listens */
  get address(): string | undefined {
    return this.#listener && `${this.#listener.host}:${this.#listener.port}`;
  }

  /** Opens the listener and begins to read the catalogue. An error leaves nothing open. */
  async start(): Promise<Result<TcpListener, TaggedError>> {
    const listening = await listenTcp(this.resource.listen, (socket) => void this.#adapter.serve(socket));
    if (!listening.ok) {
      log.error(
        { resource: this.resource.name, code: listening.error.code, reason: listening.error.internal },
        "listener.refused",
      );
      return err(listening.error);
    }
    this.#listener = listening.value;
    log.info({ resource: this.resource.name, address: this.address }, "listener.open");
    await this.#keeper.start();
    return ok(listening.value);
  }

  /** Stops accepting, lets running exchanges end within `graceMs`, then ends all sessions. */
  async close(end: SessionEnd, graceMs: number): Promise<void> {
    const accepting = this.#listener?.close();
    await this.#adapter.close(end, graceMs);
    this.#keeper.close();
    await accepting;
    log.info({ resource: this.resource.name, reason: end.reason }, "listener.closed");
  }

  #adapterParts(): AdapterParts {
    const { clock, credentials, masking, secureContext, site, verifyAccessToken } = this.#parts;
    const { analyse, approvals, diagnose, recorder, shadow } = this.#parts;
    const resourceId = this.resource.id;
    const pipeline = {
      site,
      recorder,
      approvals,
      analyse,
      diagnose,
      clock,
      catalogue: this.#keeper,
      readCatalogue: loadWithinTransaction,
      resourceId,
      rates: this.#rates,
      shadow,
    };
    const services: AdapterParts["services"] = {
      resource: () => site.resource(resourceId),
      secureContext,
      watch: (identity, end) => watchIdentity(site, resourceId, identity, end),
      onBundle: (changed) => site.onChange(changed),
      verify: verifyAccessToken,
      openGate: async (identity, client, end) => openSession(pipeline, identity, client, end),
    };
    return { services, masking, clock, dial, hosts: this.#hosts, credentials, plaintext: this.#parts.plaintext };
  }

  async #trusted() {
    const resource = this.#parts.site.resource(this.resource.id) ?? this.resource;
    const secrets = this.#parts.credentials(resource.upstream.credentialRef);
    if (!secrets.ok) throw new Error(secrets.error.internal);
    return this.#parts.protocols[resource.kind].openTrusted({
      resource,
      secrets: secrets.value,
      dial,
      hosts: this.#hosts,
    });
  }
}
