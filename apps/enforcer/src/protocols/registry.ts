import { PostgresAdapter } from "./postgres/adapter.ts";
import { openTrusted } from "./postgres/trusted-connection.ts";
import type { ProtocolKind, ProtocolKit } from "./protocol.ts";

/** Every protocol that this build speaks, by the kind that a resource names. */
export const protocols: Readonly<Record<ProtocolKind, ProtocolKit>> = {
  postgres: { adapter: (parts) => new PostgresAdapter(parts), openTrusted },
};
