import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  create,
  type DescMessage,
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
import * as x509 from "@peculiar/x509";
import {
  type ControlMessage,
  ControlMessageSchema,
  ControlService,
  type EnforcerMessage,
  EnrolmentService,
} from "@sluice/proto";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A certificate authority of a test. */
export interface TestAuthority {
  readonly pem: string;
  readonly der: Uint8Array;
  issue(
    publicKey: x509.PublicKeyType,
    names: x509.JsonGeneralNames,
    life: { readonly fromMs: number; readonly toMs: number },
  ): Promise<x509.X509Certificate>;
}

/** Makes an authority. */
export async function testAuthority(name: string): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    keys,
    signingAlgorithm: P256,
    notBefore: new Date(Date.now() - 600_000),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return {
    pem: own.toString("pem"),
    der: new Uint8Array(own.rawData),
    issue: (publicKey, names, { fromMs, toMs }) =>
      x509.X509CertificateGenerator.create({
        serialNumber: randomBytes(8).toString("hex").replace(/^./, "1"),
        subject: "CN=test",
        issuer: own.subject,
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: P256,
        notBefore: new Date(fromMs),
        notAfter: new Date(toMs),
        extensions: [new x509.SubjectAlternativeNameExtension(names)],
      }),
  };
}

// Asks for a client certificate but lets connections without one reach the enrolment service.
class AskingCredentials extends ServerCredentials {
  override _equals(): boolean {
    return false;
  }
}

function serialize<D extends DescMessage>(schema: D) {
  return (message: MessageShape<D>) => Buffer.from(toBinary(schema, message));
}

function method<I extends DescMessage, O extends DescMessage>(
  of: { parent: { typeName: string }; name: string; input: I; output: O },
  stream: boolean,
) {
  return {
    path: `/${of.parent.typeName}/${of.name}`,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: serialize(of.input),
    requestDeserialize: (bytes: Buffer) => fromBinary(of.input, bytes),
    responseSerialize: serialize(of.output),
    responseDeserialize: (bytes: Buffer) => fromBinary(of.output, bytes),
  };
}

type Unary<I extends DescMessage, O extends DescMessage> = (
  call: ServerUnaryCall<MessageShape<I>, MessageShape<O>>,
  done: sendUnaryData<MessageShape<O>>,
) => void;

interface Refusal {
  readonly refuse: status;
  readonly details: string;
}

function unary<I extends DescMessage, O extends DescMessage>(
  of: { input: I; output: O },
  answer: (
    request: MessageShape<I>,
    peerUri: string | undefined,
  ) => Promise<{ readonly value: MessageInitShape<O> } | Refusal>,
): Unary<I, O> {
  return (call, done) => {
    const peer = call.getAuthContext().sslPeerCertificate?.subjectaltname;
    answer(call.request, peer).then(
      (answered) => {
        if ("refuse" in answered) done({ code: answered.refuse, details: answered.details });
        else done(null, create(of.output, answered.value));
      },
      (error: unknown) => done({ code: status.INTERNAL, details: String(error) }),
    );
  };
}

/** What a test sets and sees of the control plane. */
export interface FakeControl {
  readonly address: string;
  readonly serverCaPem: string;
  readonly names: { readonly orgId: string; readonly siteId: string; readonly enforcerId: string };
  /** tokens that still work */
  readonly tokens: Set<string>;
  bundleKey: Uint8Array;
  /** the envelope that FetchBundle answers; undefined answers NOT_FOUND */
  envelope: Uint8Array | undefined;
  certificateLifeMs: number;
  ackedSeq: bigint;
  /** refuse streams with this reason */
  banned: string | undefined;
  /** everything received over all streams, oldest first */
  readonly received: EnforcerMessage[];
  readonly calls: string[];
  /** SAN of each stream's client certificate */
  readonly streamPeers: (string | undefined)[];
  onMessage: (message: EnforcerMessage, push: (body: Body) => void) => void;
  push(body: Body): void;
  dropStreams(): void;
  /** stops listening and cuts every connection; `start` brings it back on the same port */
  stop(): void;
  start(): Promise<void>;
}

/** A message's body. */
export type Body = NonNullable<MessageInitShape<typeof ControlMessageSchema>["body"]>;

/** Starts a control plane on a free port of loopback: real gRPC, real mutual TLS, no database. */
export async function startFakeControl(): Promise<FakeControl> {
  const serverCa = await testAuthority("test server CA");
  const orgCa = await testAuthority("test org CA");
  const serverKeys = await webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const life = { fromMs: Date.now() - 60_000, toMs: Date.now() + 3_600_000 };
  const names: x509.JsonGeneralNames = [
    { type: "dns", value: "localhost" },
    { type: "ip", value: "127.0.0.1" },
  ];
  const certificate = await serverCa.issue(serverKeys.publicKey, names, life);
  const keyDer = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey));
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${keyDer.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  const streams = new Set<ServerDuplexStream<EnforcerMessage, ControlMessage>>();
  let server = new Server();
  let port = 0;

  async function certificateFor(csrDer: Uint8Array): Promise<Uint8Array> {
    const request = new x509.Pkcs10CertificateRequest(new Uint8Array(csrDer));
    if (!(await request.verify())) throw new Error("the request is not signed by its key");
    const { orgId, siteId, enforcerId } = fake.names;
    const uri = `sluice://org/${orgId}/site/${siteId}/enforcer/${enforcerId}`;
    const fromMs = Date.now() - 1_000;
    const issued = await orgCa.issue(request.publicKey, [{ type: "url", value: uri }], {
      fromMs,
      toMs: fromMs + 1_000 + fake.certificateLifeMs,
    });
    return new Uint8Array(issued.rawData);
  }

  function connect(call: ServerDuplexStream<EnforcerMessage, ControlMessage>): void {
    if (fake.banned !== undefined) {
      call.emit("error", { code: status.PERMISSION_DENIED, details: fake.banned });
      return;
    }
    const push = (body: Body) => void call.write(create(ControlMessageSchema, { body }));
    streams.add(call);
    fake.streamPeers.push(call.getAuthContext().sslPeerCertificate?.subjectaltname);
    call.on("data", (message: EnforcerMessage) => {
      fake.received.push(message);
      if (message.body.case === "hello") {
        const { ackedSeq } = fake;
        push({
          case: "welcome",
          value: { consoleUrl: "http://localhost", ackedSeq, serverTimeMs: BigInt(Date.now()) },
        });
      }
      if (message.body.case === "heartbeat") push({ case: "heartbeat", value: { atMs: BigInt(Date.now()) } });
      fake.onMessage(message, push);
    });
    call.on("error", () => streams.delete(call));
    call.on("end", () => {
      streams.delete(call);
      call.end();
    });
    call.on("cancelled", () => streams.delete(call));
  }

  function listen(): Promise<void> {
    server = new Server({ "grpc.max_receive_message_length": 16_777_216 });
    const { enrol, recover } = EnrolmentService.method;
    server.addService(
      { enrol: method(enrol, false), recover: method(recover, false) },
      {
        enrol: unary(enrol, async ({ token, csrDer }) => {
          fake.calls.push("enrol");
          if (!fake.tokens.delete(token))
            return { refuse: status.UNAUTHENTICATED, details: "This token was used or is unknown." };
          const certificateDer = await certificateFor(csrDer);
          return { value: { ...fake.names, certificateDer, caDer: orgCa.der, bundleKey: fake.bundleKey } };
        }),
        recover: unary(recover, async ({ csrDer }) => {
          fake.calls.push("recover");
          return { value: { certificateDer: await certificateFor(csrDer), caDer: orgCa.der } };
        }),
      },
    );
    const { connect: stream, fetchBundle, renew } = ControlService.method;
    server.addService(
      { connect: method(stream, true), fetchBundle: method(fetchBundle, false), renew: method(renew, false) },
      {
        connect,
        fetchBundle: unary(fetchBundle, async () => {
          fake.calls.push("fetchBundle");
          return fake.envelope === undefined
            ? { refuse: status.NOT_FOUND, details: "no bundle" }
            : { value: { envelope: fake.envelope } };
        }),
        renew: unary(renew, async ({ csrDer }, peer) => {
          fake.calls.push("renew");
          if (peer === undefined) return { refuse: status.UNAUTHENTICATED, details: "no certificate" };
          return { value: { certificateDer: await certificateFor(csrDer), caDer: orgCa.der } };
        }),
      },
    );
    const credentials = new AskingCredentials(
      { requestCert: true, rejectUnauthorized: false },
      { ca: orgCa.pem, cert: certificate.toString("pem"), key: keyPem },
    );
    return new Promise((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => {
        if (error !== null) return reject(error);
        port = bound;
        resolve();
      });
    });
  }

  const fake: FakeControl = {
    get address() {
      return `127.0.0.1:${port}`;
    },
    serverCaPem: serverCa.pem,
    names: {
      orgId: "0193a000-0000-7000-8000-000000000001",
      siteId: "0193a000-0000-7000-8000-000000000002",
      enforcerId: "0193a000-0000-7000-8000-000000000003",
    },
    tokens: new Set(["once"]),
    bundleKey: new Uint8Array(32),
    envelope: undefined,
    certificateLifeMs: 3_600_000,
    ackedSeq: 0n,
    banned: undefined,
    received: [],
    calls: [],
    streamPeers: [],
    onMessage: () => undefined,
    push: (body) => {
      for (const call of streams) call.write(create(ControlMessageSchema, { body }));
    },
    dropStreams: () => {
      for (const call of [...streams]) call.end();
      streams.clear();
    },
    stop: () => server.forceShutdown(),
    start: listen,
  };
  await listen();
  return fake;
}
