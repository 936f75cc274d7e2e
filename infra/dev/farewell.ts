import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import type { UpFile } from "./up-file.ts";

function hasPsql(): boolean {
  return spawnSync("psql", ["--version"], { stdio: "ignore", timeout: 5000 }).status === 0;
}

/** What `npm run up` ends with: the addresses, who can sign in, and three commands to try. */
export function farewell(file: UpFile, options: { readonly stateDir: string; readonly seconds: number }): string {
  const path = relative(process.cwd(), join(options.stateDir, "up.json"));
  const shown = path.startsWith("..") ? join(options.stateDir, "up.json") : `./${path}`;
  const url = (who: string) => `"$(node -p "require('${shown}').resources.shop.urls.${who}")"`;
  const people = Object.entries(file.people).map(
    ([name, { email, password }]) => `    ${name.padEnd(8)} ${email.padEnd(16)} ${password}`,
  );
  return `
  Sluice is up (${options.seconds.toFixed(1)} s).

    Console  ${file.consoleUrl}
    API      ${file.apiUrl}
    Control  ${file.controlUrl}
    Tokens, passwords and connection URLs are in ${shown}

  Sign in as
${people.join("\n")}

  Try
    1. Masked rows:      psql ${url("ana")} -c "SELECT * FROM customers LIMIT 3"
    2. A refusal:        psql ${url("ana")} -c "DELETE FROM customers"
    3. An approval:      psql ${url("ana")} -c "UPDATE customers SET city = 'Lyon' WHERE id = 1"
       (it waits; sign in to the console as bo and approve it)

${hasPsql() ? "" : "\n  psql is not installed here: apt-get install postgresql-client\n"}
  \`npm run down\` stops everything.
`;
}
