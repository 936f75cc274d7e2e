import { expect, test } from "vitest";
import { parseQuestion } from "./question.ts";

const types = (action: string) => (action === "sql.destroy.drop" ? ["Table", "Schema", "Database"] : ["Table"]);

test("reads who, what and on what from the address", () => {
  const params = {
    principal: "User:ana",
    action: "sql.read.select",
    resource: "shop/public.customers",
    unbounded: "on",
  };
  expect(parseQuestion(params, types)).toEqual({
    principal: { type: "User", handle: "ana" },
    action: "sql.read.select",
    resource: { type: "Table", id: "shop/public.customers" },
    unbounded: true,
  });
});

test("asks who can when nobody is named, and tells the kind of resource by its name", () => {
  const question = parseQuestion({ principal: "", action: "sql.destroy.drop", resource: "shop" }, types);
  expect(question?.principal).toBeUndefined();
  expect(question?.resource.type).toBe("Database");
});

test("is no question while something is missing", () => {
  expect(parseQuestion({ action: "sql.read.select" }, types)).toBeUndefined();
});
