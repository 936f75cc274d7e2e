import { expect, test } from "vitest";
import { type HostList, nameOf, UpstreamHosts } from "./hosts.ts";

const NAMES: Record<string, string[]> = { a: ["10.0.0.1"], b: ["10.0.0.2", "10.0.0.3"], c: ["10.0.0.4"] };

function world(random?: () => number) {
  let nowMs = 0;
  const hosts = new UpstreamHosts({
    clock: { monotonic: () => nowMs },
    resolve: async (host) => {
      const found = NAMES[host];
      if (!found) throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
      return found;
    },
    ...(random ? { random } : {}),
  });
  return { hosts, pass: (ms: number) => void (nowMs += ms) };
}

const list = (names: readonly string[], loadBalance = false): HostList => {
  const [first = "", ...others] = names;
  const fallbacks = others.map((host) => ({ host, port: 5432 }));
  return { host: first, port: 5432, fallbacks, loadBalance, connectTimeoutMs: 50 };
};

async function order(hosts: UpstreamHosts, wanted: HostList, role?: string): Promise<string[]> {
  const seen: string[] = [];
  for await (const each of hosts.candidates(wanted, role)) seen.push("address" in each ? each.address : each.reason);
  return seen;
}

const at = (host: string, address: string) => ({ host, port: 5432, address });

test("tries the hosts in their order, each with every address of its name", async () => {
  const { hosts } = world();
  expect(await order(hosts, list(["a", "b", "c"]))).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
});

test("tries what failed last, for a pause that doubles up to 30 s, and never leaves it out", async () => {
  const { hosts, pass } = world();
  const both = list(["a", "c"]);
  hosts.failed(at("a", "10.0.0.1"));
  expect(await order(hosts, both)).toEqual(["10.0.0.4", "10.0.0.1"]);
  pass(1_000);
  expect(await order(hosts, both)).toEqual(["10.0.0.1", "10.0.0.4"]);
  hosts.failed(at("a", "10.0.0.1"));
  pass(1_999);
  expect(await order(hosts, both)).toEqual(["10.0.0.4", "10.0.0.1"]);
  for (let failures = 0; failures < 20; failures++) hosts.failed(at("a", "10.0.0.1"));
  pass(30_000);
  expect(await order(hosts, both)).toEqual(["10.0.0.1", "10.0.0.4"]);
});

test("tries what has the wrong role last for those who need that role, and only for them", async () => {
  const { hosts, pass } = world();
  hosts.unfit(at("a", "10.0.0.1"), "primary");
  const both = list(["a", "c"]);
  expect(await order(hosts, both)).toEqual(["10.0.0.1", "10.0.0.4"]);
  expect(await order(hosts, both, "primary")).toEqual(["10.0.0.4", "10.0.0.1"]);
  pass(2_000);
  expect(await order(hosts, both, "primary")).toEqual(["10.0.0.1", "10.0.0.4"]);
});

test("forgets failures of an address that worked", async () => {
  const { hosts } = world();
  expect(hosts.suspects(at("a", "10.0.0.1"))).toBe(false);
  hosts.failed(at("a", "10.0.0.1"));
  expect(hosts.suspects(at("a", "10.0.0.1"))).toBe(true);
  hosts.fine(at("a", "10.0.0.1"));
  expect(hosts.suspects(at("a", "10.0.0.1"))).toBe(false);
  expect(await order(hosts, list(["a", "c"]))).toEqual(["10.0.0.1", "10.0.0.4"]);
});

test("keeps the order among those that all failed", async () => {
  const { hosts } = world();
  for (const [host, addresses] of Object.entries(NAMES))
    for (const address of addresses) hosts.failed(at(host, address));
  expect(await order(hosts, list(["a", "b", "c"]))).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
});

test("tries one of several addresses of a name after the other hosts when it alone failed", async () => {
  const { hosts } = world();
  hosts.failed(at("b", "10.0.0.2"));
  expect(await order(hosts, list(["b", "c"]))).toEqual(["10.0.0.3", "10.0.0.4", "10.0.0.2"]);
});

test("says of a name that cannot be resolved what is wrong, goes on, and asks for it last the next time", async () => {
  const { hosts } = world();
  const wanted = list(["gone", "a"]);
  expect(await order(hosts, wanted)).toEqual(["its name cannot be resolved (ENOTFOUND)", "10.0.0.1"]);
  expect(await order(hosts, wanted)).toEqual(["10.0.0.1", "its name cannot be resolved (ENOTFOUND)"]);
});

test("waits no longer for a name than for a host", async () => {
  const hosts = new UpstreamHosts({ clock: { monotonic: () => 0 }, resolve: () => new Promise(() => undefined) });
  expect(await order(hosts, list(["slow"]))).toEqual(["its name was not resolved within 50 ms"]);
});

test("spreads sessions over the hosts where that is asked for", async () => {
  const numbers = [0.9, 0.1, 0.5];
  const { hosts } = world(() => numbers.shift() ?? 0.5);
  const [first] = await order(hosts, list(["a", "c"], true));
  expect(first).toBe("10.0.0.4");
});

test("resolves no further name once a host was used", async () => {
  const asked: string[] = [];
  const hosts = new UpstreamHosts({
    clock: { monotonic: () => 0 },
    resolve: async (host) => (asked.push(host), ["10.0.0.1"]),
  });
  const candidates = hosts.candidates(list(["a", "b"]));
  await candidates.next();
  await candidates.return(undefined);
  expect(asked).toEqual(["a"]);
});

test("writes IPv6 addresses with brackets", () => {
  expect(nameOf({ host: "::1", port: 5432 })).toBe("[::1]:5432");
  expect(nameOf({ host: "db", port: 5432 })).toBe("db:5432");
});
