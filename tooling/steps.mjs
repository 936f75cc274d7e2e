// Runs named commands, one line each: a failing one shows its output. No dependencies, any Node from 20 on.
import { spawn } from "node:child_process";
import { delimiter, join, resolve } from "node:path";

export const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const outputCharsMax = 400_000;
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

/** The environment in which the pinned runtime and tools come first. */
export function toolEnvironment(extra = {}) {
  const path = [join(root, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

const running = new Set();

/** A run that is told to stop takes its commands with it and waits for them, so that they can put away what they started. */
function stopRunning(signal, status) {
  let left = running.size;
  if (left === 0) process.exit(status);
  for (const child of running) {
    child.once("close", () => --left === 0 && process.exit(status));
    child.kill(signal);
  }
}
process.once("SIGINT", () => stopRunning("SIGINT", 130));
process.once("SIGTERM", () => stopRunning("SIGTERM", 143));

/** Runs one command to its end. Never throws; `output` holds what it printed, or nothing when it was shown live. */
export function runCommand(
  command,
  args,
  { cwd = root, env = toolEnvironment(), live = false, timeoutMs = 1_200_000 } = {},
) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ["ignore", live ? "inherit" : "pipe", live ? "inherit" : "pipe"],
    });
    running.add(child);
    let output = "";
    const keep = (chunk) => {
      output = (output + chunk).slice(-outputCharsMax);
    };
    child.stdout?.setEncoding("utf8").on("data", keep);
    child.stderr?.setEncoding("utf8").on("data", keep);
    const timer = setTimeout(() => {
      keep(`\nstopped after ${timeoutMs / 1000} s`);
      child.kill("SIGKILL");
    }, timeoutMs);
    const end = (status) => {
      clearTimeout(timer);
      running.delete(child);
      done({ status, output });
    };
    child.once("error", (error) => {
      keep(error.message);
      end(127);
    });
    child.once("close", (code, signal) => end(signal ? 128 : code));
  });
}

/** Runs steps `{ name, run: async () => ({ status, output, note }) }` in order, at most `width` at once. Returns the failed ones. */
export async function runSteps(steps, { width = 1 } = {}) {
  const waiting = [...steps];
  const failed = [];
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const start = performance.now();
      const { status, output, note } = await step.run();
      report(step.name, { status, output, note, seconds: (performance.now() - start) / 1000 });
      if (status !== 0) failed.push(step.name);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return failed;
}

function report(name, { status, output, note, seconds }) {
  const mark = status === 0 ? paint(32, "✓") : paint(31, "✗");
  const time = paint(90, `${seconds.toFixed(1).padStart(6)} s`);
  console.log(`${mark} ${name.padEnd(28)} ${time}${note ? `  ${paint(90, note)}` : ""}`);
  if (status !== 0) console.log(output.trimEnd().replace(/^/gm, "    "));
}
