import type { MaskStrategy } from "@sluice/policy-engine";

/** What the values of a data class look like, told by the class's name. */
export type ClassKind = "email" | "phone" | "card" | "ssn" | "other";

/** The kind of a data class by its name; partial forms and checksums follow it. */
export function classKindOf(dataClass: string): ClassKind {
  const name = dataClass.toLowerCase();
  if (name.includes("mail")) return "email";
  if (/phone|tel|mobile|fax/.test(name)) return "phone";
  if (/card|pan\b|iban|account/.test(name)) return "card";
  return /ssn|social|national|tax/.test(name) ? "ssn" : "other";
}

/** A value and what each strategy makes of it; null for NULL. */
export interface MaskExample {
  readonly value: string;
  readonly shown: Readonly<Record<MaskStrategy, string | null>>;
}

/**
 * Examples for people who choose a strategy: of text columns, and under the key of 32 zero bytes, so that tokens differ from
 * any org's. The masking room's tests hold them to what enforcers really do.
 */
export const maskExamples: Readonly<Record<ClassKind, MaskExample>> = {
  email: {
    value: "ana.lopez@example.com",
    shown: { partial: "a***@e***.com", format: "***", hmac: "tok_NRO3-QLwLlKPtn8pMel6qw", redact: "***", null: null },
  },
  phone: {
    value: "+49 30 901820",
    shown: {
      partial: "+** ** ****20",
      format: "+69 34 048813",
      hmac: "tok_1KCd_s_QzHp8js75SIZgtw",
      redact: "***",
      null: null,
    },
  },
  card: {
    value: "4111 1111 1111 1111",
    shown: {
      partial: "**** **** **** 1111",
      format: "4643 4542 6384 1805",
      hmac: "tok_lVOoCgLJIuabEC9RWZ3SDA",
      redact: "***",
      null: null,
    },
  },
  ssn: {
    value: "078-05-1120",
    shown: {
      partial: "***-**-1120",
      format: "970-59-7961",
      hmac: "tok_m5TCaR6qRjcsWMxa00BTAA",
      redact: "***",
      null: null,
    },
  },
  other: {
    value: "Grace Hopper",
    shown: { partial: "G***", format: "***", hmac: "tok_QWngW-VptFAWh-DCdO8SzQ", redact: "***", null: null },
  },
};
