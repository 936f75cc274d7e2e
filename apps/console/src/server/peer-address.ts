import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { RequestFacts } from "./request.ts";
import type { Web } from "./web.ts";

/** Tells route handlers, which see no socket, who is at its other end: set on every request, so what a client sends is lost. */
export const PEER_HEADER = "x-sluice-peer";

/** Writes the socket's own address on every request that this process is sent. Call it once, before the first request. */
export function tellPeers(): void {
  // Node publishes a request here before any handler sees it
  subscribe("http.server.request.start", (message) => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    const { request } = message;
    if (request instanceof IncomingMessage) request.headers[PEER_HEADER] = request.socket.remoteAddress ?? "unknown";
  });
}

/**
 * The address a request came from, for limits and logs, never for rights: what the proxy in front of us recorded, if there is
 * one, else the socket's own. Without a proxy anybody can write X-Forwarded-For, and would have limits of their own with each
 * value. Of several values the last is the nearest proxy's.
 */
export function addressOf(web: Pick<Web, "trustsProxy">, facts: Pick<RequestFacts, "header">): string {
  const named = web.trustsProxy
    ? facts.header("x-forwarded-for")?.split(",").at(-1)?.trim()
    : facts.header(PEER_HEADER);
  return named && isIP(named) !== 0 ? named : "unknown";
}
