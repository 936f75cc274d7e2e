import { Server, type ServerCredentials, status } from "@grpc/grpc-js";
import { ControlService, EnrolmentService } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import { identifyEnforcer } from "../../features/enforcers/server/identify-enforcer.ts";
import { OptionalClientCertificate, type ServerIdentity } from "./credentials.ts";
import { grpcService } from "./grpc-service.ts";
import { enforcerCalls, enrolmentService } from "./services.ts";
import { type EnforcerStream, type StreamParts, type StreamSession, serveStream } from "./stream-session.ts";
import { readAuthorities } from "./trusted-authorities.ts";
import { peerOf, statusOf, unavailable } from "./unary.ts";

const log = logger("control");

/** Largest message that is read: a batch of records, compressed, and its frame. */
const RECEIVE_BYTES_MAX = 8_388_608;
/** Largest message that is sent: a signed bundle. */
const SEND_BYTES_MAX = 68_157_440;
/** Orgs are added elsewhere; their authorities are looked for this often. */
const AUTHORITIES_MS = 15_000;
/** Streams of one process at most; a further enforcer is sent to another. */
const STREAMS_MAX = 10_000;

/** Where the control process listens. */
export interface ControlOptions extends StreamParts, ServerIdentity {
  readonly host: string;
  /** 0 for any free one */
  readonly port: number;
}

/** A running control process. */
export interface RunningControl {
  readonly port: number;
  /** Ends every stream (the enforcers come back to another process, or later), then stops listening. */
  close(): Promise<void>;
}

/** Starts the gRPC server for enforcers. Throws when the address cannot be used or the database does not answer. */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const { db } = options;
  let authorities = await readAuthorities(db);
  const credentials = new OptionalClientCertificate(options, authorities);
  const refresh = async () => {
    const now = await readAuthorities(db);
    if (now.join() === authorities.join()) return;
    authorities = now;
    credentials.trust(authorities);
    log.info({ authorities: authorities.length }, "authorities.changed");
  };
  const server = new Server({
    "grpc.max_receive_message_length": RECEIVE_BYTES_MAX,
    "grpc.max_send_message_length": SEND_BYTES_MAX,
  });
  const parts = { ...options, authoritiesMayHaveChanged: refresh };
  const streams = openStreams(options);
  server.addService(grpcService(EnrolmentService), enrolmentService(parts));
  server.addService(grpcService(ControlService), { ...enforcerCalls(parts), connect: streams.accept });
  const port = await bind(server, `${options.host}:${options.port}`, credentials);
  const timer = setInterval(() => {
    refresh().catch((error: unknown) => log.warn({ err: error }, "authorities.unread"));
  }, AUTHORITIES_MS);
  log.info({ host: options.host, port }, "control.listening");
  return {
    port,
    close: async () => {
      clearInterval(timer);
      await streams.close();
      server.forceShutdown();
    },
  };
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (!error) return resolve(port);
      reject(new Error(`cannot listen on ${address}: is the port in use?`, { cause: error }));
    });
  });
}

/** The streams of this process, one per enforcer: a new one takes the place of the old. */
function openStreams(parts: StreamParts) {
  const sessions = new Map<string, StreamSession>();
  const open = async (call: EnforcerStream) => {
    if (sessions.size >= STREAMS_MAX) {
      log.warn({ streams: sessions.size }, "stream.too_many");
      call.emit("error", { code: status.RESOURCE_EXHAUSTED, details: "This control process is full: try again." });
      return;
    }
    const identity = await identifyEnforcer(parts.db, peerOf(call), parts.deps.clock.now());
    if (!identity.ok) {
      log.warn({ code: identity.error.code }, "stream.refused");
      call.emit("error", statusOf(identity.error));
      return;
    }
    const { enforcerId } = identity.value;
    sessions.get(enforcerId)?.end(status.ABORTED, "A newer stream of this enforcer took its place.");
    const session = serveStream(call, identity.value, parts);
    sessions.set(enforcerId, session);
    await session.done;
    if (sessions.get(enforcerId) === session) sessions.delete(enforcerId);
  };
  return {
    accept: (call: EnforcerStream) => {
      open(call).catch((error: unknown) => {
        log.error({ err: error }, "stream.failed");
        call.emit("error", unavailable);
      });
    },
    close: async () => {
      const all = [...sessions.values()];
      for (const session of all) session.end(status.UNAVAILABLE, "The control process is closing.");
      await Promise.all(all.map((session) => session.done));
    },
  };
}
