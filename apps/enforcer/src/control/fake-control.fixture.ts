import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import {
  type ControlMessage,
  ControlMessageSchema,
  ControlService,
  type EnforcerMessage,
  EnrolmentService,
} from "@sluice/proto";
import { certify, loopbackCertificate, type TestAuthority, testAuthority } from "./test-authority.fixture.ts";

/** A message's body. */
export type Body = NonNullable<MessageInitShape<typeof ControlMessageSchema>["body"]>;

// Asks for a client certificate but lets connections without one reach the enrolment service.
class AskingCredentials extends ServerCredentials {
  override _equals(): boolean {
    return false;
  }
}

function definition<I extends DescMessage, O extends DescMessage>(
  method: DescMethod & { readonly input: I; readonly output: O },
) {
  const stream = method.methodKind === "bidi_streaming";
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
    responseSerialize: (message: MessageShape<O>) => Buffer.from(toBinary(method.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
}

interface Refusal {
  readonly refuse: status;
  readonly details: string;
}

function unary<I extends DescMessage, O extends DescMessage>(
  method: { readonly input: I; readonly output: O },
  answer: (request: MessageShape<I>, proven: boolean) => Promise<{ readonly value: MessageInitShape<O> } | Refusal>,
) {
  return async (call: ServerUnaryCall<MessageShape<I>, MessageShape<O>>, done: sendUnaryData<MessageShape<O>>) => {
    const proven = call.getAuthContext().sslPeerCertificate !== undefined;
    const answered = await answer(call.request, proven);
    if ("refuse" in answered) done({ code: answered.refuse, details: answered.details });
    else done(null, create(method.output, answered.value));
  };
}

interface Keys {
  readonly serverCa: TestAuthority;
  readonly orgCa: TestAuthority;
  readonly server: { readonly keyPem: string; readonly certificatePem: string };
}

/** A control plane for tests: real gRPC, real mutual TLS, no database. */
export class FakeControl {
  readonly names = {
    orgId: "0193a000-0000-7000-8000-000000000001",
    siteId: "0193a000-0000-7000-8000-000000000002",
    enforcerId: "0193a000-0000-7000-8000-000000000003",
  };
  /** enrolment tokens that still work */
  readonly tokens = new Set(["once"]);
  bundleKey: Uint8Array = new Uint8Array(32);
  /** what FetchBundle answers; undefined answers NOT_FOUND */
  envelope: Uint8Array | undefined;
  /** what FetchShadow answers; undefined answers NOT_FOUND */
  shadow: Uint8Array | undefined;
  certificateLifeMs = 3_600_000;
  ackedSeq = 0n;
  /** refuses streams with this reason */
  banned: string | undefined;
  /** everything received over all streams, oldest first */
  readonly received: EnforcerMessage[] = [];
  readonly calls: string[] = [];
  /** subject names of each stream's client certificate */
  readonly streamPeers: (string | undefined)[] = [];
  onMessage: (message: EnforcerMessage, push: (body: Body) => void) => void = () => undefined;
  readonly #keys: Keys;
  readonly #streams = new Set<ServerDuplexStream<EnforcerMessage, ControlMessage>>();
  #server = new Server();
  #port = 0;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get serverCaPem(): string {
    return this.#keys.serverCa.pem;
  }

  push(body: Body): void {
    for (const call of this.#streams) call.write(create(ControlMessageSchema, { body }));
  }

  dropStreams(): void {
    for (const call of this.#streams) call.end();
    this.#streams.clear();
  }

  /** Stops listening and cuts every connection; `start` brings it back on the same port. */
  stop(): void {
    this.#server.forceShutdown();
  }

  start(): Promise<void> {
    this.#server = new Server({ "grpc.max_receive_message_length": 16_777_216 });
    this.#addEnrolment();
    this.#addControl();
    const { server, orgCa } = this.#keys;
    const credentials = new AskingCredentials(
      { requestCert: true, rejectUnauthorized: false },
      { ca: orgCa.pem, cert: server.certificatePem, key: server.keyPem },
    );
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${this.#port}`, credentials, (error, port) => {
        this.#port = port;
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  async #certificate(csrDer: Uint8Array) {
    const { orgId, siteId, enforcerId } = this.names;
    const uri = `sluice://org/${orgId}/site/${siteId}/enforcer/${enforcerId}`;
    const certificateDer = await certify(this.#keys.orgCa, csrDer, uri, this.certificateLifeMs);
    return { certificateDer, caDer: this.#keys.orgCa.der };
  }

  #addEnrolment(): void {
    const { enrol, recover } = EnrolmentService.method;
    const handlers = {
      enrol: unary(enrol, async ({ token, csrDer }) => {
        this.calls.push("enrol");
        if (!this.tokens.delete(token)) return { refuse: status.UNAUTHENTICATED, details: "This token is unknown." };
        return { value: { ...this.names, bundleKey: this.bundleKey, ...(await this.#certificate(csrDer)) } };
      }),
      recover: unary(recover, async ({ csrDer }) => {
        this.calls.push("recover");
        return { value: await this.#certificate(csrDer) };
      }),
    };
    this.#server.addService({ enrol: definition(enrol), recover: definition(recover) }, handlers);
  }

  #addControl(): void {
    const { connect, fetchBundle, fetchShadow, renew } = ControlService.method;
    const handlers = {
      connect: (call: ServerDuplexStream<EnforcerMessage, ControlMessage>) => this.#connected(call),
      fetchBundle: unary(fetchBundle, async () => {
        this.calls.push("fetchBundle");
        const { envelope } = this;
        return envelope === undefined ? { refuse: status.NOT_FOUND, details: "no bundle" } : { value: { envelope } };
      }),
      fetchShadow: unary(fetchShadow, async () => {
        const { shadow } = this;
        return shadow === undefined ? { refuse: status.NOT_FOUND, details: "no run" } : { value: { envelope: shadow } };
      }),
      renew: unary(renew, async ({ csrDer }, proven) => {
        this.calls.push("renew");
        if (!proven) return { refuse: status.UNAUTHENTICATED, details: "no certificate" };
        return { value: await this.#certificate(csrDer) };
      }),
    };
    const service = {
      connect: definition(connect),
      fetchBundle: definition(fetchBundle),
      fetchShadow: definition(fetchShadow),
      renew: definition(renew),
    };
    this.#server.addService(service, handlers);
  }

  #connected(call: ServerDuplexStream<EnforcerMessage, ControlMessage>): void {
    if (this.banned !== undefined) {
      call.emit("error", { code: status.PERMISSION_DENIED, details: this.banned });
      return;
    }
    const push = (body: Body) => void call.write(create(ControlMessageSchema, { body }));
    this.#streams.add(call);
    this.streamPeers.push(call.getAuthContext().sslPeerCertificate?.subjectaltname);
    call.on("data", (message: EnforcerMessage) => {
      this.received.push(message);
      const serverTimeMs = BigInt(Date.now());
      if (message.body.case === "hello") push({ case: "welcome", value: { ackedSeq: this.ackedSeq, serverTimeMs } });
      if (message.body.case === "heartbeat") push({ case: "heartbeat", value: { atMs: serverTimeMs } });
      this.onMessage(message, push);
    });
    for (const event of ["error", "cancelled"]) call.on(event, () => this.#streams.delete(call));
    call.on("end", () => {
      this.#streams.delete(call);
      call.end();
    });
  }
}

/** Starts one on a free port of loopback. */
export async function startFakeControl(): Promise<FakeControl> {
  const serverCa = await testAuthority("test server CA");
  const orgCa = await testAuthority("test org CA");
  const fake = new FakeControl({ serverCa, orgCa, server: await loopbackCertificate(serverCa) });
  await fake.start();
  return fake;
}
