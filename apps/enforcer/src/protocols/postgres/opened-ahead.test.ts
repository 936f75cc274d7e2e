import { type BundleResource, resourceSchema } from "@sluice/bundle";
import { err, manualClock, ok, Secret, taggedError } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { StreamHandlers } from "../byte-stream.ts";
import * as encode from "./codec/encode.ts";
import { FrameReader } from "./codec/frame-reader.ts";
import { OpenedAhead } from "./opened-ahead.ts";
import type { ReachedUpstream } from "./reach.ts";

const SOON_MS = 1_000;
const LATE_MS = 15_001;

function resourceWith(upstream: object = {}): BundleResource {
  return resourceSchema.parse({
    id: "0198a8ee-0000-7000-8000-000000000001",
    name: "shop",
    kind: "postgres",
    environment: "test",
    listen: { host: "127.0.0.1", port: 0 },
    upstream: { host: "db", port: 5432, database: "shop", tls: "verify-full", credentialRef: "SHOP", ...upstream },
  });
}

/** A connection to nothing: what the server says of itself is said by the test. */
class FakeUpstream implements ReachedUpstream {
  readonly at = { host: "db", port: 5432, address: "10.0.0.1" };
  readonly reader = new FrameReader(1_000_000);
  readonly parameters = new Map<string, string>();
  readonly processId = 1;
  readonly secret = Buffer.alloc(4);
  handlers: StreamHandlers | undefined;
  closed = false;
  readonly stream = {
    write: () => true,
    backlog: 0,
    isClosed: () => this.closed,
    get closed(): boolean {
      return this.isClosed();
    },
    pause: () => undefined,
    resume: () => undefined,
    attach: (handlers: StreamHandlers) => {
      this.handlers = handlers;
    },
    end: () => this.end(),
    destroy: () => this.end(),
  };

  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.handlers?.closed(undefined);
  }
}

let clock = manualClock();
let ahead = new OpenedAhead({ clock, log: logger("test") });
let opened: FakeUpstream[] = [];
let refused = 0;

const open = async () => {
  if (refused > 0) {
    refused--;
    return err(taggedError("upstream.none", "db: too many connections"));
  }
  const connection = new FakeUpstream();
  opened.push(connection);
  return ok(connection);
};
const secretsWith = (password: string) => ({ user: "sluice", password: new Secret(password) });
const wish = { resource: resourceWith(), secrets: secretsWith("one"), settings: { application_name: "app" } };

async function begin(wanted: Parameters<OpenedAhead["connect"]>[0] = wish) {
  const reached = await ahead.connect(wanted, open);
  return reached.ok ? opened.findIndex((each) => each === reached.value) : reached.error.code;
}

/** Two sessions like each other, one soon after the other: a connection waits now. */
async function beginTwo(): Promise<void> {
  expect(await begin()).toBe(0);
  clock.advance(SOON_MS);
  expect(await begin()).toBe(1);
  await vi.waitFor(() => expect(opened).toHaveLength(3));
  expect(ahead.size).toBe(1);
}

beforeEach(() => {
  ahead.clear(); // what the test before still wanted to open is not opened
  clock = manualClock();
  ahead = new OpenedAhead({ clock, log: logger("test") });
  opened = [];
  refused = 0;
});

describe("a connection that is opened ahead", () => {
  test("waits for the third of sessions that follow one another, which alone gets it", async () => {
    await beginTwo();
    const both = await Promise.all([begin(), begin()]);
    expect(both).toEqual([2, 3]);
  });

  test("is not opened for sessions that are far apart", async () => {
    await begin();
    clock.advance(LATE_MS);
    await begin();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(opened).toHaveLength(2);
  });

  test("is waited for while it is being opened", async () => {
    await begin();
    const coming = Promise.withResolvers<void>();
    const slowly = async () => {
      if (opened.length === 2) await coming.promise;
      return open();
    };
    await ahead.connect(wish, slowly);
    await vi.waitFor(() => expect(ahead.size).toBe(1));
    const third = begin();
    coming.resolve();
    expect(await third).toBe(2);
  });

  test.each([
    ["a rotated password", { ...wish, secrets: secretsWith("two") }],
    ["another login", { ...wish, secrets: { ...wish.secrets, user: "other" } }],
    ["another authority", { ...wish, secrets: { ...wish.secrets, ca: "pem" } }],
    ["other settings", { ...wish, settings: { application_name: "other" } }],
    ["another database", { ...wish, resource: resourceWith({ database: "other" }) }],
    ["another host", { ...wish, resource: resourceWith({ host: "other" }) }],
  ])("is not given to a session with %s", async (_, other) => {
    await beginTwo();
    expect(await begin(other)).toBe(3);
  });

  test.each([
    ["it is switched off", { openAhead: false }],
    ["sessions need a primary", { targetSession: "primary" }],
    ["there are several hosts", { fallbacks: [{ host: "db2", port: 5432 }] }],
  ])("is never opened where %s", async (_, upstream) => {
    const wanted = { ...wish, resource: resourceWith(upstream) };
    for (const expected of [0, 1, 2]) expect(await begin(wanted)).toBe(expected);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(opened).toHaveLength(3);
  });

  test("ends when nobody took it for 15 s", async () => {
    await beginTwo();
    clock.advance(LATE_MS);
    ahead.sweep();
    expect(opened[2]?.closed).toBe(true);
    expect(await begin()).toBe(3);
  });

  test("is not given when the server ended it, or said something that nobody asked for", async () => {
    await beginTwo();
    opened[2]?.end();
    expect(await begin()).toBe(3);
    await vi.waitFor(() => expect(opened).toHaveLength(5));
    opened[4]?.handlers?.data(encode.frame(0x44, Buffer.from([0, 0])));
    expect(await begin()).toBe(5);
  });

  test("ends with the bundle under which it was opened, also when it was not open yet", async () => {
    await beginTwo();
    ahead.clear();
    expect(opened[2]?.closed).toBe(true);
    await begin();
    const coming = Promise.withResolvers<void>();
    await ahead.connect(wish, async () => {
      if (opened.length === 5) await coming.promise;
      return open();
    });
    await vi.waitFor(() => expect(ahead.size).toBe(1));
    ahead.clear();
    coming.resolve();
    await vi.waitFor(() => expect(opened[5]?.closed).toBe(true));
  });

  test("is never opened once its listener closed: nobody would end it", async () => {
    await begin();
    await begin(); // the next one would be opened in a moment
    ahead.close();
    await begin();
    await begin();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(opened).toHaveLength(4);
  });

  test("gives its place to a session that the server has no other for", async () => {
    await beginTwo();
    refused = 1;
    expect(await begin({ ...wish, settings: {} })).toBe(3);
    expect(opened[2]?.closed).toBe(true);
  });

  test("is not tried again at once after a failure", async () => {
    await begin();
    clock.advance(SOON_MS);
    await begin();
    refused = 1;
    await vi.waitFor(() => expect(refused).toBe(0));
    expect(await begin()).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ahead.size).toBe(0);
  });
});
