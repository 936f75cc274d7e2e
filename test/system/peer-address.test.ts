import { request } from "node:http";
import { expect, inject, test } from "vitest";

const { file } = inject("stack");

/** One call with a token that does not work, from an address of this machine that no other test uses. */
function guess(forwardedFor: string): Promise<number> {
  const url = new URL(`${file.apiUrl}/me`);
  const headers = { host: url.host, authorization: "Bearer guessed", "x-forwarded-for": forwardedFor };
  return new Promise((done, fail) => {
    const { pathname, port } = url;
    const asked = request({ host: "127.0.0.1", localAddress: "127.0.0.9", port, path: pathname, headers }, (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    });
    asked.on("error", fail).end();
  });
}

test("somebody who guesses API tokens is slowed down, whatever address they claim to come from", async () => {
  const answers: number[] = [];
  // 60 wrong tokens a minute are borne; a minute may turn over in between
  for (let at = 0; at < 130; at += 1) answers.push(await guess(`10.0.${at}.1`));
  expect(new Set(answers)).toEqual(new Set([401, 429]));
});
