import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { programs } from "./side-by-side.ts";

/** A driver of another language: how its program is run, or why it cannot be on this machine. */
export interface Driver {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly missing: string | undefined;
}

const PYTHONS = ["/usr/bin/python3", "python3"];
const JAR = "/usr/share/java/postgresql.jar";
const GOS = ["go", "/usr/local/go/bin/go"];

const works = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): boolean =>
  spawnSync(command, args, { stdio: "ignore", timeout: 60_000, cwd, env: { ...process.env, ...env } }).status === 0;

/** The drivers that the tests know. None is downloaded: `tooling/test-programs.mjs` installs what Debian has. */
export function driversHere(): readonly Driver[] {
  return [python("psycopg", "python3-psycopg"), python("psycopg2", "python3-psycopg2"), jdbc(), pgx()];
}

function python(name: string, debian: string): Driver {
  const found = PYTHONS.find((command) => works(command, ["-c", `import ${name}`]));
  const missing = found ? undefined : `no Python with ${name} here; \`apt-get install ${debian}\``;
  return { name, command: found ?? "python3", args: [join(programs, `with-${name}.py`)], env: {}, missing };
}

function jdbc(): Driver {
  const compiles = works("javac", ["-version"]);
  const missing = !compiles
    ? "no Java compiler here; `apt-get install default-jdk-headless`"
    : existsSync(JAR)
      ? undefined
      : "no driver here; `apt-get install libpostgresql-jdbc-java`";
  return { name: "JDBC", command: "java", args: ["-cp", JAR, join(programs, "Jdbc.java")], env: {}, missing };
}

function pgx(): Driver {
  const directory = join(programs, "pgx");
  const command = GOS.find((name) => works(name, ["version"])) ?? "go";
  // no download: modules that are not in the cache already leave pgx out
  const env = {
    GOPROXY: "off",
    GOFLAGS: "-mod=readonly",
    GOTOOLCHAIN: "local",
    GOCACHE: join(homedir(), ".cache/go-build"),
  };
  const missing = !works(command, ["version"])
    ? "no Go here"
    : works(command, ["list", "-deps", "."], env, directory)
      ? undefined
      : "the Go or the modules that it needs are not here; `go mod download` in test/clients/programs/pgx";
  return { name: "pgx", command, args: ["run", "-C", directory, "."], env, missing };
}
