import { ok } from "@sluice/kernel";
import { expect, test } from "vitest";
import { z } from "zod";
import { findRoute, route } from "./route.ts";
import { restRoutes } from "./routes.ts";

const paths = (method: string, path: string) => {
  const found = findRoute(restRoutes, method, path.split("/").slice(1));
  return found && { path: found.route.path, params: found.params };
};

test("a request finds its route by method and path, with what varies in it", () => {
  expect(paths("GET", "/records/42")).toEqual({ path: "/records/:id", params: { id: "42" } });
  expect(paths("POST", "/approvals/7/decide")).toEqual({ path: "/approvals/:id/decide", params: { id: "7" } });
  expect(paths("GET", "/policies/versions")).toEqual({ path: "/policies/versions", params: {} });
});

test("another method, a longer path or an empty part finds none", () => {
  expect(paths("POST", "/records/42")).toBeUndefined();
  expect(paths("GET", "/records/42/more")).toBeUndefined();
  expect(paths("GET", "/records/")).toBeUndefined();
  expect(paths("GET", "")).toBeUndefined();
});

test("no two routes answer the same request", () => {
  const shapes = restRoutes.map(({ method, path }) => `${method} ${path.replace(/:\w+/g, ":")}`);
  expect(new Set(shapes).size).toBe(shapes.length);
});

test("GET changes nothing: every route that writes is a POST", () => {
  const writing = restRoutes.filter(
    ({ permission }) => permission?.endsWith(":write") || permission === "approvals:decide",
  );
  expect(writing.map(({ method }) => method)).toEqual(writing.map(() => "POST"));
});

test("an answer carries only what its schema names", async () => {
  const leaky = route({
    method: "GET",
    path: "/x",
    input: z.object({ limit: z.number() }),
    output: z.object({ name: z.string() }),
    numbers: ["limit"],
    run: async (_deps, _scope, { limit }) => {
      const row = { name: `n${limit}`, secret: "s" };
      return ok(row);
    },
  });
  // Neither is touched by this route.
  const untouched: Parameters<typeof leaky.call> = [Object.create(null), Object.create(null), { limit: "3" }];
  expect(await leaky.call(...untouched)).toEqual({ kind: "answer", value: { name: "n3" } });
  expect(await leaky.call(untouched[0], untouched[1], { limit: "x" })).toMatchObject({ kind: "bad_input" });
});
