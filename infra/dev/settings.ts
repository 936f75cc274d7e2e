import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UpFailure } from "./failure.ts";
import { newOidcKeys, oidcSettingsSchema } from "./oidc/settings.ts";
import { freePort, portIsFree } from "./ports.ts";
import { runningProcess } from "./processes.mjs";

/** Where each listener goes when nobody else is there, and the process that holds it. */
const preferredPorts = {
  web: { port: 4400, process: "web" },
  control: { port: 4401, process: "control" },
  oidc: { port: 4402, process: "oidc" },
  shop: { port: 4403, process: "enforcer" },
  controlDatabase: { port: 4404, process: "control-database" },
  shopDatabase: { port: 4405, process: "shop-database" },
  redis: { port: 4406, process: "redis" },
} as const satisfies Record<string, { port: number; process: string }>;

const portNames = ["web", "control", "oidc", "shop", "controlDatabase", "shopDatabase", "redis"] as const;
type PortName = (typeof portNames)[number];

const secret = z.string().min(20);
const settingsSchema = z.object({
  version: z.literal(1),
  ports: z.record(z.enum(portNames), z.number().int()),
  secrets: z.object({
    databases: secret,
    owner: secret,
    app: secret,
    seal: secret,
    auth: secret,
    oidcClient: secret,
  }),
  passwords: z.record(z.string(), z.string()),
  oidcKeys: oidcSettingsSchema.pick({ cookieKey: true, jwks: true }),
});

/** What one state directory keeps between runs: its ports, and secrets made for it alone. */
export type UpSettings = z.infer<typeof settingsSchema>;

/**
 * Reads the settings or makes them, and makes sure that every port is ours or free; a port that somebody else took is
 * replaced, and `note` is told. With `anyPort` the usual ports are left to others.
 */
export async function loadSettings(
  stateDir: string,
  options: { readonly people: readonly string[]; readonly anyPort: boolean; readonly note: (text: string) => void },
): Promise<UpSettings> {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, "settings.json");
  const before = existsSync(path) ? parse(path) : newSettings();
  const ports = await settlePorts(stateDir, before.ports, options);
  const passwords = Object.fromEntries(
    options.people.map((name) => [name, before.passwords[name] ?? randomPassword()]),
  );
  const settings = { ...before, ports, passwords };
  writePrivate(path, settings);
  return settings;
}

/** Writes JSON that only its owner may read, all of it or nothing. */
export function writePrivate(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

async function settlePorts(
  stateDir: string,
  kept: Partial<UpSettings["ports"]>,
  options: { readonly anyPort: boolean; readonly note: (text: string) => void },
): Promise<UpSettings["ports"]> {
  const settle = async (name: PortName) => {
    const { port, process: holder } = preferredPorts[name];
    const wanted = kept[name] ?? (options.anyPort ? undefined : port);
    if (wanted === undefined) return freePort();
    if (runningProcess(stateDir, holder) !== undefined || (await becomesFree(wanted))) return wanted;
    const instead = await freePort();
    options.note(`port ${wanted} is used by another program: ${name} takes ${instead}`);
    return instead;
  };
  const ports = new Map<PortName, number>();
  for (const name of portNames) ports.set(name, await settle(name));
  return settingsSchema.shape.ports.parse(Object.fromEntries(ports));
}

/** A process that was killed a moment ago may still hold its port: waits up to 2 s. */
async function becomesFree(port: number): Promise<boolean> {
  for (const deadline = Date.now() + 2000; Date.now() < deadline; await sleep(100)) {
    if (await portIsFree(port)) return true;
  }
  return portIsFree(port);
}

function newSettings(): Omit<UpSettings, "ports"> & { ports: Partial<UpSettings["ports"]> } {
  const random = () => randomBytes(32).toString("base64url");
  return {
    version: 1,
    ports: {},
    secrets: {
      databases: random(),
      owner: random(),
      app: random(),
      seal: randomBytes(32).toString("base64"),
      auth: random(),
      oidcClient: random(),
    },
    passwords: {},
    oidcKeys: newOidcKeys(),
  };
}

function parse(path: string): UpSettings {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new UpFailure(`${path} cannot be read`, "Start over with `npm run up -- --fresh`.", { cause: error });
  }
}

/** Easy to type, 60 bits: four groups of letters and digits that cannot be mistaken for each other. */
function randomPassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789x";
  const characters = Array.from(randomBytes(12), (byte) => alphabet[byte & 31] ?? "x").join("");
  return characters.replace(/(.{4})(?=.)/g, "$1-");
}
