import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Client, type ServiceError, status } from "@grpc/grpc-js";
import { type ControlMessage, type EnforcerMessage, EnforcerMessageSchema, type Welcome } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import { fullJitter } from "./backoff.ts";
import { type ControlDuplex, openStream, rpcError } from "./rpc.ts";

const log = logger("enforcer.control");

const RECONNECT_FIRST_MS = 250;
const RECONNECT_MAX_MS = 15_000;
const WELCOME_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 5_000;
/** The control plane answers heartbeats; this long without a word and the connection counts as dead. */
const SILENCE_MAX_MS = 20_000;
/** More than this unsent and nothing but records and approvals is offered to the stream. */
const UNSENT_BYTES_MAX = 33_554_432;

/** One message to the control plane. */
export type Outgoing = NonNullable<MessageInitShape<typeof EnforcerMessageSchema>["body"]>;

/** What happens on the stream. */
export interface StreamEvents {
  /** the first message of each connection */
  readonly hello: () => Outgoing;
  readonly heartbeat: () => Outgoing;
  readonly welcome: (welcome: Welcome) => void;
  /** everything but the welcome */
  readonly message: (message: ControlMessage) => void;
  /** after a connection that had been welcomed */
  readonly lost: () => void;
  /** the control plane refuses this enforcer by name (banned, deleted) */
  readonly refused: (reason: string) => void;
}

/** One stream for the enforcer's whole life, over as many connections as it takes. */
export interface Stream {
  readonly connected: boolean;
  /** False when it could not be handed over: no welcomed connection, or too much unsent. */
  send(body: Outgoing): boolean;
  close(): void;
}

/** Connects and reconnects (full jitter, 250 ms to 15 s) until closed. `openClient` proves with the newest certificate. */
export function keepConnected(openClient: () => Client, events: StreamEvents): Stream {
  const backoff = fullJitter({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS });
  let connection: Connection | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function connect(): void {
    connection = openConnection(openClient, {
      ...events,
      welcome: (welcome) => {
        backoff.reset();
        log.info({ ackedSeq: Number(welcome.ackedSeq) }, "control.connected");
        events.welcome(welcome);
      },
      ended: (reason, welcomed) => {
        connection = undefined;
        if (welcomed) events.lost();
        if (closed) return;
        const waitMs = backoff.next();
        log.warn({ reason, welcomed, waitMs }, "control.disconnected");
        timer = setTimeout(connect, waitMs);
      },
    });
  }

  connect();
  return {
    get connected() {
      return connection?.welcomed ?? false;
    },
    send: (body) => connection?.send(body) ?? false,
    close: () => {
      closed = true;
      clearTimeout(timer);
      connection?.end("closing");
    },
  };
}

interface ConnectionEvents extends StreamEvents {
  readonly ended: (reason: string, welcomed: boolean) => void;
}

interface Connection {
  readonly welcomed: boolean;
  send(body: Outgoing): boolean;
  end(reason: string): void;
}

function openConnection(makeClient: () => Client, events: ConnectionEvents): Connection {
  const client = makeClient();
  const duplex = openStream(client);
  let welcomed = false;
  let over = false;
  let silence = setTimeout(() => end("no welcome"), WELCOME_TIMEOUT_MS);
  const pulse = setInterval(() => welcomed && write(duplex, events.heartbeat()), HEARTBEAT_MS);

  function end(reason: string): void {
    if (over) return;
    over = true;
    clearTimeout(silence);
    clearInterval(pulse);
    duplex.cancel();
    client.close();
    events.ended(reason, welcomed);
  }

  duplex.on("data", (message: ControlMessage) => {
    if (over) return;
    clearTimeout(silence);
    silence = setTimeout(() => end("silent"), SILENCE_MAX_MS);
    handle(message, () => {
      welcomed = true;
    });
  });
  duplex.on("error", (error: ServiceError) => {
    if (!over && error.code === status.PERMISSION_DENIED) events.refused(error.details);
    end(rpcError(error).internal);
  });
  duplex.on("end", () => end("the control plane ended the stream"));

  // A bug in one message's handling ends this connection, not the process.
  function handle(message: ControlMessage, isWelcomed: () => void): void {
    try {
      if (message.body.case !== "welcome") return events.message(message);
      isWelcomed();
      events.welcome(message.body.value);
    } catch (error) {
      log.error({ err: error, message: message.body.case }, "control.message_failed");
      end("a message could not be handled");
    }
  }

  write(duplex, events.hello());
  return {
    get welcomed() {
      return welcomed && !over;
    },
    send: (body) => welcomed && !over && duplex.writableLength < UNSENT_BYTES_MAX && write(duplex, body),
    end,
  };
}

function write(duplex: ControlDuplex, body: Outgoing): boolean {
  const message: EnforcerMessage = create(EnforcerMessageSchema, { body });
  duplex.write(message);
  return true;
}
