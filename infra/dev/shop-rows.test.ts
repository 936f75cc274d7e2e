import { expect, test } from "vitest";
import { shopRows, withCheckDigit } from "./shop-rows.ts";

test("the seed gives the same 1,000 customers, 40 products and 3,000 orders every time", () => {
  const rows = shopRows();
  expect([rows.customers.length, rows.products.length, rows.orders.length]).toEqual([1000, 40, 3000]);
  expect(shopRows()).toEqual(rows);
  expect(new Set(rows.customers.map((customer) => customer.email)).size).toBe(1000);
});

test("a card number carries the check digit that issuers compute", () => {
  expect(withCheckDigit("411111111111111")).toBe("4111111111111111");
  expect(withCheckDigit("7992739871")).toBe("79927398713");
});
