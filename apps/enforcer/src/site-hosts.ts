import type { BundleResource } from "@sluice/bundle";
import { errorFields, logger } from "@sluice/telemetry";
import type { OpenListener } from "./control/control-plane.ts";
import type { LoadedBundle } from "./control/site.ts";
import type { SessionEnd } from "./protocols/protocol.ts";
import { type HostParts, ResourceHost } from "./resource-host.ts";

/** What the hosts of a whole site need. */
export interface SiteHostParts extends HostParts {
  onListeners(listeners: readonly OpenListener[]): void;
}

/** A port that is in use is tried again this often. */
const RETRY_MS = 5_000;
const GRACE_MS = 5_000;
const log = logger("enforcer.site");

/** One host per resource of the bundle: started, kept or ended as bundles change. Sessions outlive bundles. */
export class SiteHosts {
  readonly #parts: SiteHostParts;
  readonly #hosts = new Map<string, ResourceHost>();
  #work: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #off: (() => void) | undefined;
  #closed = false;
  #decisions = 0;

  constructor(parts: SiteHostParts) {
    const { recorder } = parts;
    const begin: HostParts["recorder"]["begin"] = (draft) => {
      this.#decisions++;
      return recorder.begin(draft);
    };
    const beginForm: HostParts["recorder"]["beginForm"] = (form, atMs) => {
      this.#decisions++;
      return recorder.beginForm(form, atMs);
    };
    const counted: HostParts["recorder"] = {
      begin,
      beginForm,
      durable: (ticket) => recorder.durable(ticket),
      finish: (ticket, outcome) => recorder.finish(ticket, outcome),
      health: () => recorder.health(),
    };
    this.#parts = { ...parts, recorder: counted };
  }

  get sessionCount(): number {
    let count = 0;
    for (const host of this.#hosts.values()) count += host.sessionCount;
    return count;
  }

  /** since the start */
  get decisionCount(): number {
    return this.#decisions;
  }

  /** Follows the site's bundles from now on. */
  start(): void {
    this.#off = this.#parts.site.onChange((bundle) => this.#follow(bundle));
    const state = this.#parts.site.current();
    if (state.ok) this.#follow(state.bundle);
    else log.warn({ reason: state.reason }, "site.no_bundle");
  }

  /** Resolves when everything that was asked for so far is done. */
  settled(): Promise<void> {
    return this.#work;
  }

  /** Ends all listeners and sessions. */
  async close(end: SessionEnd, graceMs: number): Promise<void> {
    this.#closed = true;
    this.#off?.();
    clearTimeout(this.#retry);
    await this.#work;
    await Promise.all([...this.#hosts.values()].map((host) => host.close(end, graceMs)));
    this.#hosts.clear();
  }

  #follow({ content }: LoadedBundle): void {
    this.#work = this.#work
      .then(() => this.#apply(content.resources))
      .catch((cause: unknown) => {
        log.error({ ...errorFields(cause) }, "site.apply_failed");
      });
  }

  async #apply(resources: readonly BundleResource[]): Promise<void> {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    for (const [id, host] of this.#hosts) {
      const wanted = resources.find((resource) => resource.id === id);
      if (wanted && sameReach(wanted, host.resource)) continue;
      this.#hosts.delete(id);
      const reason = wanted ? "the resource's address changed" : "the resource was removed from this site";
      await host.close({ kind: "resource_gone", reason }, GRACE_MS);
    }
    const missing = resources.filter((resource) => !this.#hosts.has(resource.id));
    const started = await Promise.all(missing.map((resource) => this.#startOne(resource)));
    this.#parts.onListeners(this.#listeners());
    if (started.includes(false)) this.#retryLater();
  }

  async #startOne(resource: BundleResource): Promise<boolean> {
    const host = new ResourceHost(resource, this.#parts);
    const started = await host.start();
    if (started.ok) this.#hosts.set(resource.id, host);
    else await host.close({ kind: "resource_gone", reason: "its listener could not be opened" }, 0);
    return started.ok;
  }

  #listeners(): OpenListener[] {
    return [...this.#hosts.values()].flatMap(({ address, resource }) =>
      address ? [{ resourceId: resource.id, kind: resource.kind, address }] : [],
    );
  }

  #retryLater(): void {
    this.#retry = setTimeout(() => {
      const state = this.#parts.site.current();
      if (state.ok) this.#follow(state.bundle);
    }, RETRY_MS).unref();
  }
}

/** Whether a host can go on serving a changed resource: everything but its reach is read from the bundle each time. */
function sameReach(left: BundleResource, right: BundleResource): boolean {
  const reach = ({ kind, listen, name, upstream }: BundleResource) => JSON.stringify([name, kind, listen, upstream]);
  return reach(left) === reach(right);
}
