import { createServer, type Server, type Socket } from "node:net";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { logger } from "@sluice/telemetry";

/** Why a listener could not be opened. */
export type ListenError = TaggedError<"listener.port_in_use" | "listener.failed">;

/** An open port. */
export interface TcpListener {
  readonly host: string;
  /** the real one, also when 0 was asked for */
  readonly port: number;
  /** Stops accepting; connections that are open stay. */
  close(): Promise<void>;
}

const BACKLOG = 512;
const log = logger("enforcer.listener");

/** Accepts connections, half-open ones detected by keep-alive, each handed over unread. */
export async function listenTcp(
  at: { readonly host: string; readonly port: number },
  onClient: (socket: Socket) => void,
): Promise<Result<TcpListener, ListenError>> {
  const server = createServer(
    { pauseOnConnect: false, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 },
    onClient,
  );
  const failure = await started(server, at);
  if (failure) return err(failure);
  server.on("error", (cause) => log.error({ host: at.host, port: at.port, err: cause }, "listener.error"));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : at.port;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return ok({ host: at.host, port, close });
}

function started(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ListenError | undefined> {
  return new Promise((resolve) => {
    server.once("error", (cause) => {
      const inUse = "code" in cause && cause.code === "EADDRINUSE";
      const text = inUse ? `port ${port} on ${host} is in use by another program` : `cannot listen on ${host}:${port}`;
      resolve(
        taggedError(inUse ? "listener.port_in_use" : "listener.failed", text, {
          internal: cause.message,
          retry: "later",
        }),
      );
    });
    server.listen({ host, port, backlog: BACKLOG }, () => resolve(undefined));
  });
}
