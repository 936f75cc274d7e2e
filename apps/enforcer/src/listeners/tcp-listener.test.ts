import { connect } from "node:net";
import { unwrap } from "@sluice/kernel";
import { expect, test } from "vitest";
import { listenTcp } from "./tcp-listener.ts";

test("hands over each connection unread, and tells the port it chose", async () => {
  const seen: number[] = [];
  const listener = unwrap(
    await listenTcp({ host: "127.0.0.1", port: 0 }, (socket) => {
      seen.push(socket.bytesRead);
      socket.destroy();
    }),
  );
  const client = connect(listener.port, "127.0.0.1");
  client.on("error", () => undefined);
  await new Promise((resolve) => client.once("close", resolve));
  expect(seen).toEqual([0]);
  await listener.close();
});

test("names a port that is in use, and leaves nothing open", async () => {
  const first = unwrap(await listenTcp({ host: "127.0.0.1", port: 0 }, (socket) => socket.destroy()));
  const second = await listenTcp({ host: "127.0.0.1", port: first.port }, (socket) => socket.destroy());
  expect(second).toMatchObject({ ok: false, error: { code: "listener.port_in_use" } });
  await first.close();
});
