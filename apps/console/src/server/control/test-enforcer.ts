import "reflect-metadata";
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ChannelCredentials, type Client, makeClientConstructor, type ServiceError } from "@grpc/grpc-js";
import * as x509 from "@peculiar/x509";
import { type ControlMessage, ControlService, EnforcerMessageSchema, EnrolmentService } from "@sluice/proto";
import { expect } from "vitest";
import { grpcService } from "./grpc-service.ts";

/** A key with a certificate for it: a server's, or an enforcer's. */
export interface Proof {
  readonly keyPem: string;
  readonly certPem: string;
}

const p256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const ed25519 = { name: "Ed25519" } as const;

async function pemOf(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

/** A self-signed certificate for localhost: what the control process serves with in tests. */
export async function serverProof(): Promise<Proof> {
  const keys = await crypto.subtle.generateKey(p256, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    keys,
    signingAlgorithm: p256,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
  });
  return { keyPem: await pemOf(keys.privateKey), certPem: certificate.toString("pem") };
}

/** An enforcer's key and its certificate request. */
export async function newEnforcerKey(): Promise<{ keyPem: string; key: KeyObject; csrDer: Uint8Array }> {
  const keys = await crypto.subtle.generateKey(ed25519, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: ed25519 });
  const keyPem = await pemOf(keys.privateKey);
  return { keyPem, key: createPrivateKey(keyPem), csrDer: new Uint8Array(request.rawData) };
}

/** PEM of a certificate's DER. */
export function certificatePem(der: Uint8Array): string {
  return new X509Certificate(der).toString();
}

/** One connection to the control process under test. */
export interface TestClient {
  call(service: "enrolment" | "control", method: string, request: object): Promise<Record<string, unknown>>;
  connect(): TestStream;
  close(): void;
}

/** Dials as an enforcer would: the server is verified, the client proof is shown when there is one. */
export function dial(port: number, serverCertPem: string, proof?: Proof): TestClient {
  const credentials = ChannelCredentials.createSsl(
    Buffer.from(serverCertPem),
    proof ? Buffer.from(proof.keyPem) : null,
    proof ? Buffer.from(proof.certPem) : null,
  );
  const options = { "grpc.use_local_subchannel_pool": 1, "grpc.enable_retries": 0, "grpc.enable_http_proxy": 0 };
  const open = (service: typeof EnrolmentService | typeof ControlService) =>
    new (makeClientConstructor(grpcService(service), service.typeName))(`localhost:${port}`, credentials, options);
  const clients = { enrolment: open(EnrolmentService), control: open(ControlService) };
  return {
    call: (service, method, request) => unaryCall(clients[service], service, method, request),
    connect: () => openStream(clients.control),
    close: () => {
      clients.enrolment.close();
      clients.control.close();
    },
  };
}

function unaryCall(
  client: Client,
  name: "enrolment" | "control",
  methodName: string,
  request: object,
): Promise<Record<string, unknown>> {
  const service = name === "enrolment" ? EnrolmentService : ControlService;
  const definition = grpcService(service)[methodName];
  const schema = service.methods.find(({ localName }) => localName === methodName)?.input;
  if (!definition || !schema) throw new Error(`no method ${methodName}`);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      create(schema, { ...request }),
      { deadline: Date.now() + 10_000 },
      (error, value) => (error ? reject(error) : resolve({ ...Object(value) })),
    );
  });
}

type Body = Extract<ControlMessage["body"], { readonly case: string }>;
type Case = Body["case"];
type Values = { [B in Body as B["case"]]: B["value"] };
type Value<C extends Case> = Values[C];

/** A stream whose messages are kept in order. */
export interface TestStream {
  readonly messages: Body[];
  readonly ended: Promise<ServiceError | undefined>;
  send(body: NonNullable<MessageInitShape<typeof EnforcerMessageSchema>["body"]>): void;
  /** waits for the first message of this case (that fits) */
  heard<C extends Case>(which: C, fits?: (value: Value<C>) => boolean): Promise<Value<C>>;
  cancel(): void;
}

function openStream(client: Client): TestStream {
  const { path, requestSerialize, responseDeserialize } = grpcService(ControlService)["connect"] ?? {};
  if (!path || !requestSerialize || !responseDeserialize) throw new Error("no method connect");
  const duplex = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const messages: Body[] = [];
  duplex.on("data", ({ body }: ControlMessage) => {
    if (body.case !== undefined) messages.push(body);
  });
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    duplex.on("error", (error: ServiceError) => resolve(error));
    duplex.on("end", () => resolve(undefined));
  });
  return {
    messages,
    ended,
    send: (body) => void duplex.write(create(EnforcerMessageSchema, { body })),
    heard: (which, fits) => firstHeard(messages, which, fits),
    cancel: () => duplex.cancel(),
  };
}

async function firstHeard<C extends Case>(
  messages: readonly Body[],
  which: C,
  fits: (value: Value<C>) => boolean = () => true,
): Promise<Value<C>> {
  const isIt = (value: Values[Case], body: Body): value is Values[C] => body.case === which;
  const find = () => {
    for (const body of messages) if (isIt(body.value, body) && fits(body.value)) return body.value;
    return undefined;
  };
  await expect.poll(find, { timeout: 8_000, interval: 20 }).toBeDefined();
  const found = find();
  if (!found) throw new Error(`no message ${which}`);
  return found;
}
