import { createServer, request, type Server, type ServerResponse } from "node:http";
import { unwrap } from "@sluice/kernel";
import { afterEach, expect, test } from "vitest";
import { addressPolicy } from "./address-policy.ts";
import { guardedAgent } from "./guarded-agent.ts";

const local = unwrap(addressPolicy(["127.0.0.0/8"]));
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}/`;
}

/** As a library does that reads all there is: the bytes that came, and why no more did. */
function readAll(url: string, limits?: Parameters<typeof guardedAgent>[2]): Promise<{ bytes: number; ended: string }> {
  return new Promise((resolve) => {
    let bytes = 0;
    const end = (ended: string) => resolve({ bytes, ended });
    const asked = request(url, { agent: guardedAgent("http:", local, limits) }, (answer) => {
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on("end", () => end("whole"));
      answer.on("error", (error) => end(error.message));
    });
    asked.on("error", (error) => end(error.message));
    asked.end();
  });
}

test("an answer without end is cut off, though who reads it would take all of it", async () => {
  const url = await serve((response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) continue;
    };
    response.on("drain", more);
    more();
  });
  const { bytes, ended } = await readAll(url);
  expect(ended).not.toBe("whole");
  expect(bytes).toBeLessThan(64 * 1_048_576);
});

test("an answer that trickles is cut off in time, though each byte comes soon after the one before", async () => {
  const url = await serve((response) => {
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  });
  const started = performance.now();
  expect((await readAll(url, { bytesMax: 10_000, lifetimeMs: 300 })).ended).not.toBe("whole");
  expect(performance.now() - started).toBeLessThan(3_000);
});

test("an answer within the bounds comes whole", async () => {
  const url = await serve((response) => response.end(Buffer.alloc(300_000)));
  expect(await readAll(url)).toEqual({ bytes: 300_000, ended: "whole" });
});
