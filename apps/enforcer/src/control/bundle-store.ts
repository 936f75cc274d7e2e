import { join } from "node:path";
import { z } from "zod";
import { readIfThere, removeFile, replaceFile } from "./state-files.ts";

const floorSchema = z.object({ version: z.number().int().nonnegative(), digest: z.string() });

/** The highest bundle ever applied. Kept apart from the bundle, so that replacing that one file cannot lower it. */
export type VersionFloor = z.infer<typeof floorSchema>;

/** The last good bundle and the floor, on disk. Methods throw the file system's errors. */
export interface BundleStore {
  /** the envelope's bytes; they are verified again by whoever reads them */
  envelope(): Buffer | undefined;
  floor(): VersionFloor;
  save(envelope: Uint8Array, floor: VersionFloor): void;
  /** forgets the bundle, never the floor */
  wipe(): void;
}

/** The store in a state directory. */
export function bundleStore(stateDir: string): BundleStore {
  const bundlePath = join(stateDir, "bundle.json");
  const floorPath = join(stateDir, "bundle-floor.json");
  return {
    envelope: () => readIfThere(bundlePath),
    floor: () => {
      const stored = readIfThere(floorPath);
      return stored === undefined ? { version: 0, digest: "" } : floorSchema.parse(JSON.parse(stored.toString("utf8")));
    },
    save: (envelope, floor) => {
      replaceFile(bundlePath, envelope);
      replaceFile(floorPath, JSON.stringify(floor));
    },
    wipe: () => removeFile(bundlePath),
  };
}
