import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { leanStart } from "./load-lean.ts";

const directory = mkdtempSync(join(tmpdir(), "sluice-lean-"));
const program = new URL("./lean-program.fixture.ts", import.meta.url).pathname;
const STARTS_MS = 60_000;
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a lean process", () => {
  it("is started with a bounded young generation, memory that goes back and a code directory of its own", () => {
    const codeDir = join(directory, "new", "code");
    const start = leanStart(["--enable-source-maps"], { codeDir, environment: { PATH: "/bin" } });
    expect(start?.execArgv).toEqual(["--max-semi-space-size=8", "--enable-source-maps"]);
    expect(start?.environment).toMatchObject({
      PATH: "/bin",
      MALLOC_TRIM_THRESHOLD_: "131072",
      NODE_COMPILE_CACHE: codeDir,
    });
    expect(statSync(codeDir).mode & 0o777).toBe(0o700);
  });

  it("is left as it is when who started it chose the young generation's size", () => {
    const lean = (execArgv: string[], environment: NodeJS.ProcessEnv = {}) =>
      leanStart(execArgv, { codeDir: undefined, environment });
    expect(lean(["--max-semi-space-size=32"])).toBeUndefined();
    expect(lean(["--max_semi_space_size=32"])).toBeUndefined();
    expect(lean([], { NODE_OPTIONS: "--trace-warnings --max-semi-space-size=32" })).toBeUndefined();
  });

  it("keeps what who started it said of malloc and of the code's place", () => {
    const environment = { MALLOC_TRIM_THRESHOLD_: "1", NODE_COMPILE_CACHE: "/elsewhere" };
    expect(leanStart([], { codeDir: join(directory, "b"), environment })?.environment).toMatchObject(environment);
  });

  it.each(["open to others", "a link", "no directory"])("runs no code from a place that is %s", (kind) => {
    const codeDir = join(directory, kind);
    if (kind === "open to others") {
      mkdirSync(codeDir);
      chmodSync(codeDir, 0o770);
    } else if (kind === "a link") symlinkSync(directory, codeDir);
    const place = kind === "no directory" ? "/dev/null/code" : codeDir;
    expect(leanStart([], { codeDir: place, environment: {} })?.environment).not.toHaveProperty("NODE_COMPILE_CACHE");
  });
});

describe("a program that is loaded lean", () => {
  const said = (codeDir: string) => {
    const environment = { PATH: process.env.PATH, SLUICE_STATE_DIR: codeDir };
    const text = execFileSync(process.execPath, [program, "one", "two words"], { env: environment, encoding: "utf8" });
    return text
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  };

  it(
    "runs once, with its arguments, in a process that was started lean and never took types out",
    () => {
      const expected = {
        args: ["one", "two words"],
        execArgv: ["--max-semi-space-size=8"],
        trim: "131072",
        stripped: false,
        notLean: "no reason",
      };
      expect(said(directory)).toEqual([expected]); // its code is compiled first
      expect(said(directory)).toEqual([expected]); // and is there
    },
    STARTS_MS,
  );

  it(
    "runs all the same when its code can be kept nowhere",
    () => {
      expect(said("/dev/null")).toMatchObject([{ execArgv: ["--max-semi-space-size=8"], stripped: true }]);
    },
    STARTS_MS,
  );
});
