import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/** The spool's only way to the file system: the seam at which a full or failing disk is simulated. */
export interface SpoolIo {
  /** `create` begins empty, whatever a failed attempt left under that name; files have mode 600 */
  open(path: string, mode: "create" | "existing"): number;
  /** returns the bytes written, which may be fewer */
  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  read(fd: number, bytes: Uint8Array, position: number): number;
  readAll(path: string): Buffer;
  dataSync(fd: number, done: (error: Error | null) => void): void;
  /** blocks until the data is on disk: only when a file is full and the next one begins */
  dataSyncNow(fd: number): void;
  truncate(fd: number, length: number): void;
  close(fd: number): void;
  remove(path: string): void;
  /** makes the directory (mode 700) when missing, gives its file names sorted */
  list(directory: string): string[];
  /** makes created and removed names durable */
  syncDirectory(directory: string): void;
}

/** The real file system. */
export const fileIo: SpoolIo = {
  open: (path, mode) => openSync(path, mode === "create" ? "w+" : "r+", 0o600),
  write: (fd, bytes, offset, length, position) => writeSync(fd, bytes, offset, length, position),
  read: (fd, bytes, position) => readSync(fd, bytes, 0, bytes.length, position),
  readAll: (path) => readFileSync(path),
  dataSync: (fd, done) => fdatasync(fd, done),
  dataSyncNow: (fd) => fdatasyncSync(fd),
  truncate: (fd, length) => ftruncateSync(fd, length),
  close: (fd) => closeSync(fd),
  remove: (path) => unlinkSync(path),
  list: (directory) => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return readdirSync(directory).sort();
  },
  syncDirectory: (directory) => {
    const fd = openSync(directory, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
};
