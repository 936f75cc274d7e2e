import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import { errorFields } from "./error-fields.ts";
import { redactionPaths } from "./redact.ts";

/**
 * One structured line per event: `log.info({ siteId, tookMs }, "bundle.applied")`. The message is the event's fixed
 * name; everything that varies is a field. An error goes in as `err`.
 */
export type Logger = PinoLogger;

/** How much is written. */
export type LogLevel = "silent" | "error" | "warn" | "info" | "debug" | "trace";

// Loggers are made when modules load, before the composition root chooses: they all write through this one seam.
let destination: DestinationStream = pino.destination(1);
const seam: DestinationStream = { write: (line) => destination.write(line) };

const root = pino(
  {
    level: "info",
    messageKey: "event",
    base: null,
    timestamp: () => `,"at":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactionPaths(), censor: "[redacted]" },
    serializers: { err: (thrown: unknown) => errorFields(thrown) },
  },
  seam,
);
const children = new Map<string, Logger>();

/**
 * Sets level and destination of all loggers, also of those handed out already. Call it once, in the composition root,
 * with what the app's `env.ts` read. Unset: level info, standard output.
 */
export function configureLogs(options: { level?: LogLevel; destination?: DestinationStream }): void {
  if (options.destination !== undefined) destination = options.destination;
  if (options.level === undefined) return;
  root.level = options.level;
  for (const child of children.values()) child.level = options.level;
}

/** The logger of one room, e.g. `logger("enforcer.recorder")`. Equal names give the same logger. */
export function logger(name: string): Logger {
  const known = children.get(name);
  if (known !== undefined) return known;
  const child = root.child({ log: name });
  children.set(name, child);
  return child;
}
