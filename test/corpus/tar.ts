import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const BLOCK = 512;

/** Reads the regular files of a gzipped tar archive into memory: name → text. Enough of ustar for the corpora we read. */
export function readTarGz(path: string): Map<string, string> {
  const archive = gunzipSync(readFileSync(path));
  const files = new Map<string, string>();
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const name = fieldOf(archive, at, 100);
    const bytes = Number.parseInt(fieldOf(archive, at + 124, 12).trim() || "0", 8);
    const kind = fieldOf(archive, at + 156, 1);
    const prefix = fieldOf(archive, at + 345, 155);
    const start = at + BLOCK;
    if (name !== "" && (kind === "0" || kind === "")) {
      files.set(prefix === "" ? name : `${prefix}/${name}`, archive.toString("utf8", start, start + bytes));
    }
    at = start + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return files;
}

function fieldOf(archive: Buffer, from: number, length: number): string {
  const end = archive.indexOf(0, from);
  return archive.toString("utf8", from, end >= 0 && end < from + length ? end : from + length);
}
