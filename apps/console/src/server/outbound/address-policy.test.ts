import { unwrap } from "@sluice/kernel";
import { expect, test } from "vitest";
import { addressPolicy } from "./address-policy.ts";

const strict = unwrap(addressPolicy([]));
const local = unwrap(addressPolicy(["127.0.0.0/8", "::1/128", "10.1.0.0/16", "169.254.0.0/16", "fd00::/8"]));

test.each(["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])(
  "the public address %s may be reached",
  (address) => {
    expect(strict.allows(address)).toBe(true);
    expect(strict.allowsPlain(address)).toBe(false);
  },
);

test.each([
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "169.254.1.1",
  "192.0.2.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:8.8.8.8",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "2002:7f00:1::1",
  "2001::1",
  "2001:db8::1",
  "fe80::1",
  "fe80::1%eth0",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  "not an address",
  "",
])("%j may not be reached by default", (address) => {
  expect(strict.allows(address)).toBe(false);
});

test("networks that the operator names may be reached, the metadata service never", () => {
  for (const address of ["127.0.0.1", "::1", "10.1.2.3", "169.254.1.1", "fd12::1"]) {
    expect(local.allows(address)).toBe(true);
    expect(local.allowsPlain(address)).toBe(true);
  }
  for (const address of ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "10.2.0.1"])
    expect(local.allows(address)).toBe(false);
});

test.each(["10.0.0.0", "10.0.0.0/33", "localhost/8", "::1/129", "10.0.0.0/8/8", "10.0.0.0/-1"])(
  "%j is no network",
  (network) => {
    expect(addressPolicy([network])).toMatchObject({ ok: false, error: { code: "outbound.bad_network" } });
  },
);
