import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { ChannelCredentials, Client, type ClientDuplexStream, type ServiceError, status } from "@grpc/grpc-js";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import {
  type ControlMessage,
  ControlMessageSchema,
  ControlService,
  type EnforcerMessage,
  EnforcerMessageSchema,
} from "@sluice/proto";

/** Largest answer that is read: a signed bundle. */
const RECEIVE_BYTES_MAX = 68_157_440;
/** Largest message that is sent: a batch of records, compressed, and its frame. */
const SEND_BYTES_MAX = 8_388_608;
const UNARY_TIMEOUT_MS = 15_000;

/** Why a call failed. */
export type RpcError = TaggedError<
  "rpc.unreachable" | "rpc.refused" | "rpc.unauthenticated" | "rpc.not_found" | "rpc.unimplemented" | "rpc.failed"
>;

/** How the connection proves both ends. Without `client` only the server is proven: for enrolment. */
export interface RpcTrust {
  readonly serverCaPem: string;
  readonly client?: { readonly keyPem: string; readonly certificatePem: string };
}

/** One connection to the control plane. */
export function openClient(address: string, trust: RpcTrust): Client {
  const { serverCaPem, client } = trust;
  const ip = ipOf(address);
  const credentials = ChannelCredentials.createSsl(
    Buffer.from(serverCaPem),
    client === undefined ? null : Buffer.from(client.keyPem),
    client === undefined ? null : Buffer.from(client.certificatePem),
    ip === undefined ? {} : { checkServerIdentity: (_name, certificate) => checkServerIdentity(ip, certificate) },
  );
  return new Client(address, credentials, {
    "grpc.max_receive_message_length": RECEIVE_BYTES_MAX,
    "grpc.max_send_message_length": SEND_BYTES_MAX,
    "grpc.use_local_subchannel_pool": 1, // a new certificate needs a new connection
    "grpc.enable_retries": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_http_proxy": 0, // would read the environment behind env.ts
    // An address may not be sent as TLS server name (RFC 6066 section 3), and Node refuses to: send a name that means
    // nothing, and check the certificate against the address.
    ...(ip === undefined ? {} : { "grpc.ssl_target_name_override": "address.invalid" }),
  });
}

/** The address of `host:port` when the host is an IP address and not a name. */
function ipOf(address: string): string | undefined {
  const host = address.slice(0, address.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 ? undefined : host;
}

function serializer<D extends DescMessage>(schema: D): (message: MessageShape<D>) => Buffer {
  return (message) => {
    const bytes = toBinary(schema, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function path(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** One call with a deadline of 15 s. Every failure is a value. */
export function call<I extends DescMessage, O extends DescMessage>(
  client: Client,
  method: DescMethod & { readonly input: I; readonly output: O },
  request: MessageInitShape<I>,
): Promise<Result<MessageShape<O>, RpcError>> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path(method),
      serializer(method.input),
      (bytes) => fromBinary(method.output, bytes),
      create(method.input, request),
      { deadline: Date.now() + UNARY_TIMEOUT_MS },
      (error, value) => {
        if (error !== null) resolve(err(rpcError(error)));
        else if (value === undefined) resolve(err(taggedError("rpc.failed", "The control plane answered nothing.")));
        else resolve(ok(value));
      },
    );
  });
}

/** The stream of both directions. */
export type ControlDuplex = ClientDuplexStream<EnforcerMessage, ControlMessage>;

/** Opens the stream; connecting goes on behind it. */
export function openStream(client: Client): ControlDuplex {
  return client.makeBidiStreamRequest(path(ControlService.method.connect), serializer(EnforcerMessageSchema), (bytes) =>
    fromBinary(ControlMessageSchema, bytes),
  );
}

/** Names a gRPC failure. */
export function rpcError(error: ServiceError): RpcError {
  const internal = `${status[error.code] ?? error.code}: ${error.details}`;
  const of = { internal, retry: "later" as const };
  if (error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED) {
    return taggedError("rpc.unreachable", "The control plane cannot be reached.", of);
  }
  if (error.code === status.PERMISSION_DENIED) {
    return taggedError("rpc.refused", `The control plane refuses: ${error.details}`, { internal });
  }
  if (error.code === status.UNAUTHENTICATED) {
    return taggedError("rpc.unauthenticated", `The control plane does not accept this: ${error.details}`, { internal });
  }
  if (error.code === status.UNIMPLEMENTED) {
    return taggedError("rpc.unimplemented", "The control plane does not offer this call.", { internal });
  }
  if (error.code === status.NOT_FOUND) return taggedError("rpc.not_found", `There is none: ${error.details}`, of);
  if (error.code === status.INVALID_ARGUMENT) {
    return taggedError("rpc.refused", `The control plane refuses: ${error.details}`, { internal });
  }
  return taggedError("rpc.failed", `The call failed: ${error.details}`, of);
}
