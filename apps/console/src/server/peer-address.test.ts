import { createServer, request } from "node:http";
import { expect, test } from "vitest";
import { addressOf, PEER_HEADER, tellPeers } from "./peer-address.ts";

const from = (trustsProxy: boolean, headers: Record<string, string | undefined>) =>
  addressOf({ trustsProxy }, { header: (name) => headers[name] });

test("behind a proxy the address is what the nearest one recorded, and nothing that is no address", () => {
  expect(from(true, { "x-forwarded-for": "1.2.3.4, 10.0.0.7" })).toBe("10.0.0.7");
  expect(from(true, { "x-forwarded-for": "::1", [PEER_HEADER]: "10.0.0.1" })).toBe("::1");
  expect(from(true, { "x-forwarded-for": "<script>" })).toBe("unknown");
  expect(from(true, {})).toBe("unknown");
});

test("without a proxy what X-Forwarded-For says is ignored", () => {
  expect(from(false, { "x-forwarded-for": "1.2.3.4", [PEER_HEADER]: "10.0.0.1" })).toBe("10.0.0.1");
  expect(from(false, { "x-forwarded-for": "1.2.3.4" })).toBe("unknown");
});

test("a client names neither its own address nor another one: the socket's is written over both", async () => {
  tellPeers();
  await using server = createServer((incoming, response) => {
    const header = (name: string) => String(incoming.headers[name] ?? "");
    response.end(addressOf({ trustsProxy: false }, { header }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const headers = { "x-forwarded-for": "1.2.3.4", [PEER_HEADER]: "1.2.3.4" };
  const seen = await new Promise<string>((done, fail) => {
    const ask = request({ host: "127.0.0.1", localAddress: "127.0.0.2", port, headers }, (answer) => {
      answer.setEncoding("utf8").once("data", (text) => done(String(text)));
    });
    ask.on("error", fail).end();
  });
  expect(seen).toBe("127.0.0.2");
});
