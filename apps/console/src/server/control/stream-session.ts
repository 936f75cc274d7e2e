import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import type { Db } from "@sluice/db";
import type { Queues } from "@sluice/jobs";
import { type ControlMessage, ControlMessageSchema, type EnforcerMessage, type Hello } from "@sluice/proto";
import { logger } from "@sluice/telemetry";
import type { EnforcerIdentity } from "../../features/enforcers/server/identify-enforcer.ts";
import type { Deps } from "../deps.ts";
import { wakeOrg } from "../wake-org.ts";
import { orgChannel } from "../wakeups.ts";
import { noteGone, noteHello } from "./enforcer-state.ts";
import { openInbox } from "./inbox.ts";
import { receiveMessage } from "./receive-message.ts";
import { readSiteNews } from "./site-news.ts";
import { openTeller } from "./teller.ts";
import { unavailable } from "./unary.ts";

const log = logger("control.stream");

/** How often a stream looks for news by itself, in case Redis lost a wake-up; plus up to as much again by chance. */
const POLL_MS = 1_500;
const HELLO_TIMEOUT_MS = 10_000;

/** What streams need of the process. */
export interface StreamParts {
  readonly db: Db;
  readonly deps: Deps;
  readonly queues: Queues;
  /** the origin under which an org's people use the console */
  readonly consoleOrigin: (orgId: string) => Promise<string>;
}

/** One message to the enforcer. */
export type Outgoing = NonNullable<MessageInitShape<typeof ControlMessageSchema>["body"]>;

/** What the handlers of one stream share. */
export interface StreamContext extends StreamParts {
  readonly identity: EnforcerIdentity;
  readonly origin: string;
  /** asks that wait on this stream, by id */
  readonly waiting: Set<string>;
  send(body: Outgoing): void;
  /** looks for news now, or right after the look that is running */
  look(): void;
}

/** The duplex of grpc-js with our messages. */
export type EnforcerStream = ServerDuplexStream<EnforcerMessage, ControlMessage>;

/** A stream that is being served. */
export interface StreamSession {
  /** Ends it with a status; the enforcer comes back by itself unless it is banned. */
  end(code: status, details: string): void;
  /** resolves when nothing of it runs any more */
  readonly done: Promise<void>;
}

/**
 * Serves one proven enforcer until its stream ends: its messages are handled one after the other (so a slow database slows
 * the sender, not the memory), and what it must know is read from the database whenever somebody wakes the org and every
 * few seconds anyway. Nothing is remembered here that a restart could lose.
 */
export function serveStream(call: EnforcerStream, identity: EnforcerIdentity, parts: StreamParts): StreamSession {
  const ids = { orgId: identity.orgId, enforcerId: identity.enforcerId };
  let over = call.cancelled;
  const end = (code: status, details: string) => {
    if (over) return;
    over = true;
    log.info({ ...ids, code: status[code], reason: details }, "stream.ended_by_us");
    call.emit("error", { code, details });
  };
  const fail = (error: unknown) => {
    if (over) return;
    log.error({ err: error, ...ids }, "stream.failed");
    end(unavailable.code, unavailable.details);
  };
  call.on("error", () => {
    over = true; // ours, or the connection's: either way it is gone
  });
  call.on("cancelled", () => {
    over = true;
  });
  const done = run({
    call,
    identity,
    parts,
    end,
    isOver: () => over,
    send: (body) => {
      if (!over) call.write(create(ControlMessageSchema, { body }));
    },
  })
    .catch(fail)
    .finally(() => {
      if (!over) call.end();
      over = true;
    });
  return { end, done };
}

interface Run {
  readonly call: EnforcerStream;
  readonly identity: EnforcerIdentity;
  readonly parts: StreamParts;
  readonly end: StreamSession["end"];
  readonly isOver: () => boolean;
  readonly send: (body: Outgoing) => void;
}

async function run({ call, identity, parts, end, isOver, send }: Run): Promise<void> {
  const { db, deps } = parts;
  const { orgId } = identity;
  const inbox = openInbox(call);
  const patience = setTimeout(() => end(status.DEADLINE_EXCEEDED, "No hello came in time."), HELLO_TIMEOUT_MS);
  const first = await inbox.next();
  clearTimeout(patience);
  if (first === undefined || isOver()) return;
  if (first.body.case !== "hello") return end(status.INVALID_ARGUMENT, "The first message must be the hello.");
  const hello = first.body.value;
  const origin = await parts.consoleOrigin(orgId);
  let heardAt = new Date(deps.clock.now());
  if (!(await welcome(parts, identity, { hello, heardAt }, { origin, end, send }))) return;
  const teller = openTeller({ identity, hello, send, end, clock: deps.clock });
  const waiting = new Set<string>();
  const look = lookAgain(
    async () => {
      const news = await db.withOrgSql(orgId, (sql) => readSiteNews(sql, identity, [...waiting]));
      for (const id of teller.tell(news)) waiting.delete(id);
    },
    isOver,
    (error) => log.warn({ err: error, orgId, enforcerId: identity.enforcerId }, "stream.look_failed"),
  );
  const stopListening = deps.wakeups.listen(orgChannel(orgId), look);
  const timer = setInterval(look, POLL_MS + Math.random() * POLL_MS);
  const context: StreamContext = { ...parts, identity, origin, waiting, send, look };
  look();
  try {
    for (let message = await inbox.next(); message && !isOver(); message = await inbox.next()) {
      const now = new Date(deps.clock.now());
      if (message.body.case === "heartbeat") heardAt = now;
      if (message.body.case === "bundleStatus") teller.heard(message.body.value);
      await receiveMessage(context, message, now);
    }
  } finally {
    clearInterval(timer);
    stopListening();
    await leave(parts, identity, heardAt);
  }
}

async function welcome(
  parts: StreamParts,
  identity: EnforcerIdentity,
  { hello, heardAt }: { readonly hello: Hello; readonly heardAt: Date },
  stream: Pick<StreamContext, "origin" | "send"> & Pick<StreamSession, "end">,
): Promise<boolean> {
  const ackedSeq = await parts.db.withOrg(identity.orgId, (tx) => noteHello(tx, identity, hello, heardAt));
  if (ackedSeq === undefined) {
    stream.end(status.PERMISSION_DENIED, "This enforcer is banned.");
    return false;
  }
  const value = { consoleUrl: stream.origin, ackedSeq: BigInt(ackedSeq), serverTimeMs: BigInt(heardAt.getTime()) };
  stream.send({ case: "welcome", value });
  log.info({ orgId: identity.orgId, enforcerId: identity.enforcerId, ackedSeq }, "stream.welcomed");
  await wakeOrg(parts.deps, identity.orgId);
  return true;
}

/** `heardAt` is what this stream wrote last: a newer one, here or in another process, has written something later. */
async function leave({ db, deps }: StreamParts, identity: EnforcerIdentity, heardAt: Date): Promise<void> {
  const gone = await db.withOrg(identity.orgId, (tx) => noteGone(tx, identity, heardAt));
  if (gone) await wakeOrg(deps, identity.orgId);
}

/** Runs one look at a time; asked while one runs, one more follows. A failed look is the next one's to repair. */
function lookAgain(work: () => Promise<void>, isOver: () => boolean, onError: (error: unknown) => void): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    do {
      again = false;
      await work().catch(onError);
    } while (again && !isOver());
    running = false;
  };
  return () => {
    if (isOver()) return;
    if (running) again = true;
    else void run();
  };
}
