import { expect, test } from "vitest";
import { slugOfHost } from "./tenant.ts";

const base = "sluice.example:8443";

test("the bare host serves the default org and a sub-domain the org of that name", () => {
  expect(slugOfHost("sluice.example:8443", base, "acme")).toBe("acme");
  expect(slugOfHost("globex.sluice.example:8443", base, "acme")).toBe("globex");
  expect(slugOfHost("GLOBEX.Sluice.Example:8443", base, "acme")).toBe("globex");
});

test.each([
  ["none", null],
  ["empty", ""],
  ["another host", "evil.example"],
  ["our name as a prefix", "sluice.example:8443.evil.example"],
  ["our name as a suffix of another", "evilsluice.example:8443"],
  ["another port", "globex.sluice.example:9999"],
  ["no port", "globex.sluice.example"],
  ["two labels", "a.b.sluice.example:8443"],
  ["an empty label", ".sluice.example:8443"],
  ["a label that is no slug", "-x.sluice.example:8443"],
  ["something that is no host", "x/../y.sluice.example:8443"],
])("a host that is not ours names no org: %s", (_, host) => {
  expect(slugOfHost(host, base, "acme")).toBeUndefined();
});
