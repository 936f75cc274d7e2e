import { Secret, unwrap } from "@sluice/kernel";
import { describe, expect, test } from "vitest";
import { ScramClient } from "./scram.ts";

const NONCE = "rOprNGfwEbeRWgbNEkqO";

describe("the SCRAM-SHA-256 client", () => {
  test("speaks the exchange of RFC 7677 section 3 but for the user name, which PostgreSQL ignores", async () => {
    const client = new ScramClient(new Secret("pencil"), undefined, NONCE);
    expect(client.first().toString()).toBe(`n,,n=,r=${NONCE}`);
    const serverFirst = `r=${NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
    const final = unwrap(await client.final(serverFirst)).toString();
    expect(final).toMatch(/^c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj\)hNlF\$k0,p=[A-Za-z0-9+/]{43}=$/);
  });

  test("refuses a server that answers another nonce, too few iterations or a wrong proof", async () => {
    const start = () => new ScramClient(new Secret("pencil"), undefined, NONCE);
    const refused = async (serverFirst: string) => {
      const result = await start().final(serverFirst);
      return result.ok ? "ok" : result.error.code;
    };
    expect(await refused("r=another,s=W22Z,i=4096")).toBe("scram.bad_nonce");
    expect(await refused(`r=${NONCE},s=W22Z,i=4096`)).toBe("scram.bad_nonce");
    expect(await refused(`r=${NONCE}x,s=W22Z,i=1`)).toBe("scram.weak");
    expect(await refused(`r=${NONCE}x,s=W22Z,i=999999999`)).toBe("scram.weak");
    expect(await refused("m=ext,r=x,s=W22Z,i=4096")).toBe("scram.malformed");
    const client = start();
    await client.final(`r=${NONCE}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
    for (const proof of ["v=AAAA", "e=other-error", "", `v=${Buffer.alloc(32).toString("base64")}`])
      expect(client.verify(proof).ok).toBe(false);
  });

  test("cannot be verified before it answered", () => {
    expect(new ScramClient(new Secret("pencil")).verify("v=AAAA").ok).toBe(false);
  });
});
