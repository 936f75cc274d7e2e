import { z } from "zod";

/** The DSSE payload type of a signed bundle; part of what is signed. */
export const BUNDLE_PAYLOAD_TYPE = "application/vnd.sluice.bundle.v1+json";

/** Largest envelope that is read, in bytes: 64 MiB. */
export const ENVELOPE_BYTES_MAX = 67_108_864;

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

/** The DSSE envelope (github.com/secure-systems-lab/dsse, v1.0.2) as it is stored and sent. */
export const envelopeSchema = z.strictObject({
  payloadType: z.string(),
  payload: base64,
  signatures: z
    .array(z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{64}$/), sig: base64 }))
    .min(1)
    .max(8),
});

/** The parsed envelope. */
export type Envelope = z.infer<typeof envelopeSchema>;

/** DSSE's pre-authentication encoding: what is signed, type and length included. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}
