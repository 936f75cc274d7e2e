import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./mutations.ts";

const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
const RUN_MS_MAX = 120_000;

/** Runs a room's own unit tests against mutants of it, in a copy of the room. */
export class UnitCourt {
  readonly #room: string;
  readonly #copy: string;
  readonly #without: string;

  /** `copy` is a folder inside the repository, so that the tests find their packages; it is replaced. `without` leaves tests out. */
  constructor({ room, copy, without }: { readonly room: string; readonly copy: string; readonly without: string }) {
    this.#room = room;
    this.#copy = copy;
    this.#without = without;
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy, { recursive: true });
    // its compiler settings point out of the room, and the runtime needs none
    cpSync(room, copy, { recursive: true, filter: (path) => !/node_modules|tsconfig\.json$/.test(path) });
  }

  /** Throws when the room as it is fails its tests: then nothing could be said about mutants. */
  async mustAcquitOriginal(): Promise<void> {
    if (!(await this.#passes())) throw new Error("the unchanged room fails its own tests");
  }

  /** True when some unit test fails, or takes for ever. */
  async convicts(mutant: Mutant): Promise<boolean> {
    const path = join(this.#copy, "src", mutant.file);
    writeFileSync(path, mutant.text);
    const passes = await this.#passes();
    writeFileSync(path, readFileSync(join(this.#room, "src", mutant.file)));
    return !passes;
  }

  close(): void {
    rmSync(this.#copy, { recursive: true, force: true });
  }

  async #passes(): Promise<boolean> {
    const flags = ["--bail", "1", "--no-isolate", "--maxWorkers", "1", "--reporter", "dot", "--exclude", this.#without];
    const child = spawn(process.execPath, [vitest, "run", "--root", this.#copy, ...flags], { stdio: "ignore" });
    const timer = setTimeout(() => child.kill("SIGKILL"), RUN_MS_MAX);
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.once("exit", resolve);
    child.once("error", () => resolve(null));
    const code = await promise;
    clearTimeout(timer);
    return code === 0;
  }
}
