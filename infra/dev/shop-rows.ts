import { assert } from "@sluice/kernel";

const first = words(
  "Ada Ben Chloé Dario Elif Finn Greta Hugo Ines Jonas Kaya Lena Marco Nora Oskar Pia Rosa Samir Tess",
);
const last = words(
  "Albrecht Bianchi Costa Dubois Eriksen Fischer García Haddad Ivanov Jansen Keller Moreau Nowak Silva",
);
const cities = words("Paris Berlin Madrid Lisbon Vienna Oslo Prague Dublin Milan Ghent");
const goods = [
  ["Espresso machine", "kitchen"],
  ["Kettle", "kitchen"],
  ["Desk lamp", "office"],
  ["Notebook", "office"],
  ["Headphones", "audio"],
  ["Turntable", "audio"],
  ["Rain jacket", "outdoor"],
  ["Tent", "outdoor"],
] as const;
const finishes = ["", " Pro", " Mini", " Classic", " XL"] as const;
const statuses = ["paid", "packed", "sent", "returned"];

/** The demo's rows, always the same: 1,000 customers, 40 products, 3,000 orders. */
export function shopRows() {
  const random = generator(20_261_122);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(choices: readonly T[]): T => at(choices, below(choices.length));
  const digits = (count: number) => Array.from({ length: count }, () => below(10)).join("");
  const customers = Array.from({ length: 1000 }, (_, index) => {
    const [given, family, id] = [pick(first), pick(last), index + 1];
    return {
      id,
      name: `${given} ${family}`,
      email: `${ascii(given)}.${ascii(family)}.${id}@example.com`,
      phone: `+33 6 ${digits(2)} ${digits(2)} ${digits(2)} ${digits(2)}`,
      card: withCheckDigit(`4${digits(14)}`),
      ssn: `${100 + below(565)}-${String(1 + below(99)).padStart(2, "0")}-${String(1 + below(9999)).padStart(4, "0")}`,
      city: pick(cities),
    };
  });
  const products = goods.flatMap(([name, category], kind) =>
    finishes.map((finish, variant) => ({
      id: kind * finishes.length + variant + 1,
      name: name + finish,
      category,
      price: (900 + below(30_000)) / 100,
    })),
  );
  const orders = Array.from({ length: 3000 }, (_, index) => {
    const [product, quantity] = [pick(products), 1 + below(4)];
    return {
      id: index + 1,
      customer_id: 1 + below(1000),
      product_id: product.id,
      quantity,
      total: Math.round(product.price * quantity * 100) / 100,
      status: pick(statuses),
      ordered_at: new Date(Date.UTC(2026, 0, 1) + below(300 * 86_400) * 1000).toISOString(),
    };
  });
  return { customers, products, orders };
}

/** Appends the Luhn check digit (ISO/IEC 7812-1 annex B), so that the number passes as a card. */
export function withCheckDigit(payload: string): string {
  const sum = Array.from(payload)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return payload + ((10 - (sum % 10)) % 10);
}

function words(text: string): string[] {
  return text.split(" ");
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  assert(item !== undefined, `no item ${index} in a list of ${list.length}`);
  return item;
}

function ascii(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[^a-zA-Z]/g, "")
    .toLowerCase();
}

/** mulberry32: small, seeded, the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
