import { err, ok, type Result, Secret } from "@sluice/kernel";

/** Where the console is and who asks it. */
export interface ConsoleAccess {
  /** the org's own address, such as https://acme.sluice.example */
  readonly url: URL;
  readonly token: Secret<string>;
}

/** Reads SLUICE_URL and SLUICE_API_TOKEN; the one place of the CLI that reads the environment. */
export function readConsoleAccess(env: NodeJS.ProcessEnv = process.env): Result<ConsoleAccess, string> {
  const { SLUICE_URL: address = "", SLUICE_API_TOKEN: token = "" } = env;
  if (address === "" || token === "") {
    const missing = [
      ...(address === "" ? ["SLUICE_URL to your org's address, such as https://acme.sluice.example"] : []),
      ...(token === "" ? ["SLUICE_API_TOKEN to an API token, which the console makes under Settings"] : []),
    ];
    return err(`Set ${missing.join(", and ")}.`);
  }
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
    return err(`SLUICE_URL is not an address such as https://acme.sluice.example: ${address}`);
  }
  const url = new URL(address);
  const local = url.hostname === "127.0.0.1" || url.hostname === "[::1]" || /(^|\.)localhost$/.test(url.hostname);
  if (url.protocol === "http:" && !local) return err("SLUICE_URL is http: a token would be sent in clear. Use https.");
  return ok({ url, token: new Secret(token) });
}
