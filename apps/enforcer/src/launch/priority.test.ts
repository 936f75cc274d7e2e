import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Scheduling, takePriority } from "./priority.ts";

const PID = 4_711;

function system(files: Readonly<Record<string, string>>, refuses?: "nice" | "group") {
  const asked: string[] = [];
  const parts: Scheduling = {
    pid: PID,
    setPriority: (nice) => {
      if (refuses === "nice") throw new Error("EPERM: operation not permitted");
      asked.push(`nice ${nice}`);
    },
    read: (path) => {
      const found = files[path];
      if (found === undefined) throw new Error(`ENOENT: ${path}`);
      return found;
    },
    write: (path, content) => {
      if (refuses === "group") throw new Error("EACCES: permission denied");
      asked.push(`${path} ${content.trim()}`);
    },
  };
  return { parts, asked };
}

const grouped = { [`/proc/${PID}/autogroup`]: "/autogroup-12 nice 0\n" };
const stat = (session: number) => ({ [`/proc/${PID}/stat`]: `${PID} (a ) (b) S 1 ${PID} ${session} 0 -1 4194560` });

describe("takePriority", () => {
  it("asks for the thread and for the session that it leads", () => {
    const { asked, parts } = system({ ...grouped, ...stat(PID) });
    expect(takePriority(-10, parts)).toBeUndefined();
    expect(asked).toEqual(["nice -10", `/proc/${PID}/autogroup -10`]);
  });

  it("leaves a session alone in which others run", () => {
    const { asked, parts } = system({ ...grouped, ...stat(12) });
    expect(takePriority(-10, parts)).toBeUndefined();
    expect(asked).toEqual(["nice -10"]);
  });

  it("asks for the thread alone where sessions are not told apart", () => {
    const { asked, parts } = system({});
    expect(takePriority(-10, parts)).toBeUndefined();
    expect(asked).toEqual(["nice -10"]);
  });

  it.each(["nice", "group"] as const)("says why it was refused (%s)", (refuses) => {
    const { parts } = system({ ...grouped, ...stat(PID) }, refuses);
    expect(takePriority(-10, parts)).toMatch(/EPERM|EACCES/);
  });

  const said = z.object({ refused: z.string(), nice: z.number(), group: z.string() });
  const program = new URL("./priority.fixture.ts", import.meta.url).pathname;

  it.each([-10, 7])("is what the system says of the process then, or was refused (%i)", async (nice) => {
    const child = spawn(process.execPath, [program, String(nice)], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const { group, nice: seen, refused } = said.parse(JSON.parse(await text(child.stdout)));
    if (refused !== "no reason") expect(refused).toMatch(/EPERM|EACCES/);
    else {
      expect(seen).toBe(nice);
      if (group !== "none" && group !== "") expect(group).toMatch(new RegExp(` nice ${nice}$`));
    }
  });
});
