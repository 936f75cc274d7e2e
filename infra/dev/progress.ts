const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const labelWidth = 52;

/** Tells a person what is being done: one line per step with its seconds; on a terminal the current step moves. */
export interface Progress {
  /** Runs one step. `hint` shows, on a terminal, what it does right now; the step may return a better label. */
  step<T>(label: string, run: (hint: (text: string) => void) => Promise<T>, done?: (value: T) => string): Promise<T>;
  readonly note: (text: string) => void;
}

/** Progress on a stream; `quiet` prints nothing. */
export function createProgress(
  options: { readonly quiet?: boolean; readonly out?: NodeJS.WriteStream } = {},
): Progress {
  const { quiet = false, out = process.stdout } = options;
  if (quiet) return { step: (_label, run) => run(() => {}), note: () => {} };
  const paint = (code: number, text: string) => (out.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);
  const line = (mark: string, label: string, startMs: number) => {
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1).padStart(6);
    if (out.isTTY) out.write("\r\u001b[2K");
    out.write(`  ${mark} ${label.padEnd(labelWidth)} ${paint(90, `${seconds} s`)}\n`);
  };
  return {
    note: (text) => void out.write(`    ${paint(90, text)}\n`),
    async step(label, run, done) {
      const startMs = performance.now();
      const spinner = spin(out, label, paint);
      try {
        const value = await run(spinner.hint);
        spinner.stop();
        line(paint(32, "✓"), done ? done(value) : label, startMs);
        return value;
      } catch (error) {
        spinner.stop();
        line(paint(31, "✗"), label, startMs);
        throw error;
      }
    },
  };
}

function spin(out: NodeJS.WriteStream, label: string, paint: (code: number, text: string) => string) {
  if (!out.isTTY) return { hint: () => {}, stop: () => {} };
  let [tick, hint] = [0, ""];
  const draw = () => {
    const width = Math.max(20, (out.columns || 80) - label.length - 8);
    const frame = frames[tick++ % frames.length] ?? frames[0];
    out.write(`\r\u001b[2K  ${paint(36, frame)} ${label}  ${paint(90, hint.slice(0, width))}`);
  };
  const timer = setInterval(draw, 90);
  draw();
  return { hint: (text: string) => void (hint = text), stop: () => clearInterval(timer) };
}
