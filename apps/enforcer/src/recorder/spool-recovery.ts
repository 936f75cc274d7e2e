import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import { CHAIN_HEAD_BYTES, CHAIN_START } from "@sluice/ledger";
import { z } from "zod";
import { FRAME, type Frame, type FrameKind, readFrame } from "./frame.ts";
import { expandRepeat } from "./repeat.ts";
import { createSegment, Segment, segmentPath, segmentSeq } from "./segment.ts";
import type { SpoolIo } from "./spool-io.ts";

/** A record without an outcome, found after a restart. */
export interface OpenIntent {
  readonly id: string;
  readonly seq: number;
  readonly atMs: number;
  readonly verdict: "allow" | "mask" | "ask" | "deny";
}

/** A closed file of the spool. */
export interface ClosedSegment {
  readonly path: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: number;
}

/** Everything a spool needs to go on where another life ended. */
export interface RecoveredSpool {
  readonly closed: readonly ClosedSegment[];
  readonly current: Segment;
  readonly nextSeq: number;
  readonly head: Uint8Array;
  /** payloads of entries after the last seal, in order */
  readonly unsealed: readonly { readonly seq: number; readonly payload: Buffer }[];
  readonly open: readonly OpenIntent[];
  /** bytes of a torn tail that were cut off */
  readonly cutBytes: number;
}

/** Why the files cannot be used. */
export type SpoolRecoveryError = TaggedError<"spool.damaged" | "spool.unreadable">;

const intentSchema = z.object({
  id: z.string(),
  seq: z.number(),
  atMs: z.number(),
  verdict: z.enum(["allow", "mask", "ask", "deny"]),
});

/** An entry as its frame has it. */
interface Entry {
  readonly seq: number;
  readonly kind: FrameKind;
  readonly payload: Buffer;
  /** of a repetition */
  readonly first: Entry | undefined;
}

interface Scan {
  nextSeq: number;
  head: Uint8Array;
  unsealed: Entry[];
  readonly open: Map<number, Entry>;
}

// A frame that does not fit what went before is damage as much as a wrong checksum.
function take(scan: Scan, frame: Frame): boolean {
  if (frame.kind === FRAME.start) {
    scan.nextSeq = frame.seq;
    scan.head = Buffer.from(frame.payload);
    return true;
  }
  if (frame.kind === FRAME.seal) {
    scan.head = Buffer.from(frame.payload.subarray(CHAIN_HEAD_BYTES, 2 * CHAIN_HEAD_BYTES));
    scan.unsealed = [];
    return frame.seq === scan.nextSeq - 1;
  }
  if (frame.seq !== scan.nextSeq) return false;
  const { kind, ofSeq, seq } = frame;
  const first = kind === FRAME.repeat ? scan.unsealed[ofSeq - (scan.unsealed[0]?.seq ?? 0)] : undefined;
  if (kind === FRAME.repeat && first?.kind !== FRAME.intent) return false;
  scan.nextSeq += 1;
  const entry = { seq, kind, payload: Buffer.from(frame.payload), first };
  scan.unsealed.push(entry);
  if (kind === FRAME.intent || kind === FRAME.repeat) scan.open.set(seq, entry);
  if (kind === FRAME.outcome) scan.open.delete(ofSeq);
  return true;
}

/** The entry's line: a repetition's is made of the first one's. */
function lineOf({ first, payload, seq }: Entry): Buffer {
  if (first === undefined) return payload;
  const line = expandRepeat(first.payload, payload, seq);
  if (line === undefined) throw new Error(`entry ${seq} does not fit the one that it repeats`);
  return line;
}

/** Reads one file; gives where its whole frames end. */
function scanSegment(bytes: Buffer, scan: Scan): number {
  let at = 0;
  for (;;) {
    const read = readFrame(bytes, at);
    if (read.kind !== "frame") return at;
    if (at === 0 && read.frame.kind !== FRAME.start) return 0;
    if (!take(scan, read.frame)) return at;
    at = read.frame.end;
  }
}

function openIntents(scan: Scan): OpenIntent[] {
  return [...scan.open.values()].map((entry) => intentSchema.parse(JSON.parse(lineOf(entry).toString("utf8"))));
}

function found(scan: Scan): Pick<RecoveredSpool, "nextSeq" | "head" | "unsealed" | "open"> {
  const unsealed = scan.unsealed.map((entry) => ({ seq: entry.seq, payload: lineOf(entry) }));
  return { nextSeq: scan.nextSeq, head: scan.head, unsealed, open: openIntents(scan) };
}

function damaged(path: string, at: number): Result<never, SpoolRecoveryError> {
  const text =
    `The record spool is damaged at byte ${at} of ${path}, before its end. ` +
    "Move the spool directory aside (keep it: it is evidence), enrol again, and start.";
  return err(taggedError("spool.damaged", text, { retry: "after-change" }));
}

/**
 * Reads the spool's files and cuts what a crash left half-written at the end of the last one. Damage anywhere else is
 * refused: records are missing there, and going on would hide it.
 */
export function recoverSpool(io: SpoolIo, directory: string): Result<RecoveredSpool, SpoolRecoveryError> {
  try {
    return scanAll(io, directory);
  } catch (error) {
    const text = error instanceof Error ? error.message : "unknown error";
    return err(taggedError("spool.unreadable", `The record spool in ${directory} cannot be used: ${text}`));
  }
}

function scanAll(io: SpoolIo, directory: string): Result<RecoveredSpool, SpoolRecoveryError> {
  const firsts = io
    .list(directory)
    .map(segmentSeq)
    .filter((seq) => seq !== undefined);
  const scan: Scan = { nextSeq: 1, head: CHAIN_START, unsealed: [], open: new Map() };
  const closed: ClosedSegment[] = [];
  for (const [index, firstSeq] of firsts.entries()) {
    const path = segmentPath(directory, firstSeq);
    const bytes = io.readAll(path);
    if (index > 0 && firstSeq !== scan.nextSeq) return damaged(path, 0);
    const end = scanSegment(bytes, scan);
    const last = index === firsts.length - 1;
    if (last && end > 0) {
      const current = reopen(io, { path, firstSeq, end, torn: bytes.length > end });
      return ok({ ...found(scan), closed, current, cutBytes: tornBytes(bytes, end) });
    }
    if (last && (index > 0 || firstSeq === 1)) {
      return ok(replaceUnborn(io, directory, { path, scan, closed, cutBytes: bytes.length }));
    }
    if (end < bytes.length) return damaged(path, end);
    closed.push({ path, firstSeq, lastSeq: scan.nextSeq - 1, bytes: bytes.length });
  }
  const current = createSegment(io, directory, scan.nextSeq, scan.head);
  return ok({ ...found(scan), closed, current, cutBytes: 0 });
}

/** What was half-written: zeros at the end were never frames. */
function tornBytes(bytes: Buffer, end: number): number {
  let last = bytes.length;
  while (last > end && bytes[last - 1] === 0) last--;
  return last - end;
}

function reopen(io: SpoolIo, file: { path: string; firstSeq: number; end: number; torn: boolean }): Segment {
  const segment = new Segment(io, { ...file, fd: io.open(file.path, "existing") });
  if (file.torn) io.truncate(segment.fd, file.end);
  return segment;
}

// The crash fell between making the file and writing its start: nothing was ever in it.
function replaceUnborn(
  io: SpoolIo,
  directory: string,
  left: { path: string; scan: Scan; closed: ClosedSegment[]; cutBytes: number },
): RecoveredSpool {
  io.remove(left.path);
  const current = createSegment(io, directory, left.scan.nextSeq, left.scan.head);
  return { ...found(left.scan), closed: left.closed, current, cutBytes: left.cutBytes };
}
