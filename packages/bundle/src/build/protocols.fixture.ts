import type { PolicySuite } from "./test-format.ts";

/** A policy as the org of some protocol might write it, and exchanges that it decides one way and the other. */
export interface ProtocolSample {
  readonly protocol: string;
  readonly access: string;
  readonly guardrails: string;
  readonly entities: PolicySuite["entities"];
  readonly cases: readonly {
    readonly action: string;
    readonly resource: string;
    readonly context?: Readonly<Record<string, unknown>>;
    readonly verdict: "allow" | "ask" | "deny";
  }[];
}

const uid = (type: string, id: string) => ({ type, id });

/** A root with its environment, and what is below it, each in the one before. */
function tree(
  kind: string,
  root: string,
  below: readonly [type: string, id: string, attrs: Record<string, unknown>][],
) {
  const environment = { uid: uid("Environment", "production"), attrs: {}, tags: {}, parents: [] };
  const attrs = { name: root, kind: "any", environment: "production" };
  const top = { uid: uid(kind, root), attrs, tags: { team: "payments" }, parents: [environment.uid] };
  const rest = below.map(([type, id, fields], at) => {
    const above = below[at - 1];
    return { uid: uid(type, id), attrs: fields, tags: {}, parents: [above ? uid(above[0], above[1]) : top.uid] };
  });
  return [environment, top, ...rest];
}

/** One sample for every protocol that SYSTEM.md and the road map name. */
export const protocolSamples: readonly ProtocolSample[] = [
  {
    protocol: "SQL (Postgres, MySQL, MariaDB, SQL Server)",
    access: `@id("sql-access") permit (principal in Group::"staff", action in [Action::"sql.read", Action::"sql.write"], resource in Database::"shop") when { context.sql.objectCount < 10 };`,
    guardrails: `@id("sql-guard") @require_approval("change") forbid (principal, action in Action::"sql.write", resource in Environment::"production") when { resource has kind && resource.kind == "table" };`,
    entities: tree("Database", "shop", [
      ["Schema", "shop/public", { name: "public" }],
      ["Table", "shop/public.orders", { name: "orders", schema: "public", kind: "table", classes: [] }],
    ]),
    cases: [
      { action: "sql.read.select", resource: 'Table::"shop/public.orders"', verdict: "allow" },
      { action: "sql.write.update", resource: 'Table::"shop/public.orders"', verdict: "ask" },
      {
        action: "sql.read.select",
        resource: 'Table::"shop/public.orders"',
        context: { sql: { objectCount: 10 } },
        verdict: "deny",
      },
    ],
  },
  {
    protocol: "MongoDB",
    access: `@id("document-access") permit (principal in Group::"staff", action in [Action::"document.read", Action::"document.write"], resource is Collection in DocumentStore::"orders") unless { context.document.opaque };`,
    guardrails: `@id("document-guard") forbid (principal, action in Action::"document.write", resource is Collection) when { context.document.unbounded };`,
    entities: tree("DocumentStore", "orders", [
      ["Collection", "orders/shop.carts", { name: "carts", database: "shop", kind: "collection", classes: ["email"] }],
    ]),
    cases: [
      { action: "document.read.find", resource: 'Collection::"orders/shop.carts"', verdict: "allow" },
      {
        action: "document.read.aggregate",
        resource: 'Collection::"orders/shop.carts"',
        context: { document: { opaque: true } },
        verdict: "deny",
      },
      {
        action: "document.write.delete",
        resource: 'Collection::"orders/shop.carts"',
        context: { document: { unbounded: true } },
        verdict: "deny",
      },
    ],
  },
  {
    protocol: "Redis",
    access: `@id("kv-access") permit (principal in Group::"staff", action in Action::"kv.read", resource is KeySpace) when { context.kv.keyCount <= 100 };`,
    guardrails: `@id("kv-guard") forbid (principal, action in Action::"destroy", resource in Environment::"production");`,
    entities: tree("KeyStore", "cache", [["KeySpace", "cache/session:", { name: "session:", classes: [] }]]),
    cases: [
      { action: "kv.read.get", resource: 'KeySpace::"cache/session:"', verdict: "allow" },
      {
        action: "kv.read.get",
        resource: 'KeySpace::"cache/session:"',
        context: { kv: { keyCount: 101 } },
        verdict: "deny",
      },
      { action: "kv.destroy.flush", resource: 'KeyStore::"cache"', verdict: "deny" },
    ],
  },
  {
    protocol: "HTTP, REST, GraphQL, gRPC",
    access: `@id("http-access") permit (principal in Group::"staff", action in [Action::"http.read", Action::"http.write"], resource is Endpoint in Api::"billing") when { resource.path like "/invoices/*" && context.http.bodyBytes < 10000 };`,
    guardrails: `@id("http-guard") @require_approval("change") forbid (principal, action in Action::"write", resource is Endpoint) when { resource in Environment::"production" };`,
    entities: tree("Api", "billing", [
      [
        "Endpoint",
        "billing/GET /invoices/{id}",
        { name: "getInvoice", method: "GET", path: "/invoices/{id}", classes: [] },
      ],
    ]),
    cases: [
      { action: "http.read.get", resource: 'Endpoint::"billing/GET /invoices/{id}"', verdict: "allow" },
      { action: "http.write.create", resource: 'Endpoint::"billing/GET /invoices/{id}"', verdict: "ask" },
      { action: "http.exec.call", resource: 'Endpoint::"billing/GET /invoices/{id}"', verdict: "deny" },
    ],
  },
  {
    protocol: "SSH, SFTP",
    access: `@id("ssh-access") permit (principal in Group::"staff", action == Action::"ssh.exec.command", resource in Host::"web-1") when { ["ls", "journalctl"].containsAll(context.shell.programs) };`,
    guardrails: `@id("ssh-guard") forbid (principal, action in Action::"exec", resource is Host) when { context.shell.elevated || context.shell.opaque };`,
    entities: tree("Host", "web-1", [["File", "web-1/etc/passwd", { name: "/etc/passwd" }]]),
    cases: [
      {
        action: "ssh.exec.command",
        resource: 'Host::"web-1"',
        context: { shell: { programs: ["ls"] } },
        verdict: "allow",
      },
      {
        action: "ssh.exec.command",
        resource: 'Host::"web-1"',
        context: { shell: { programs: ["ls", "rm"] } },
        verdict: "deny",
      },
      {
        action: "ssh.exec.command",
        resource: 'Host::"web-1"',
        context: { shell: { programs: ["ls"], elevated: true } },
        verdict: "deny",
      },
    ],
  },
  {
    protocol: "Kubernetes",
    access: `@id("k8s-access") permit (principal in Group::"staff", action in [Action::"k8s.read", Action::"k8s.write"], resource in Namespace::"main/shop");`,
    guardrails: `@id("k8s-guard") forbid (principal, action, resource is KubeObject) when { context has k8s && context.k8s.privileged || resource.kind == "Secret" };`,
    entities: tree("Cluster", "main", [
      ["Namespace", "main/shop", { name: "shop" }],
      ["KubeObject", "main/shop/apps/Deployment/web", { name: "web", group: "apps", kind: "Deployment" }],
    ]),
    cases: [
      { action: "k8s.read.get", resource: 'KubeObject::"main/shop/apps/Deployment/web"', verdict: "allow" },
      {
        action: "k8s.write.update",
        resource: 'KubeObject::"main/shop/apps/Deployment/web"',
        context: { k8s: { privileged: true } },
        verdict: "deny",
      },
      { action: "k8s.exec.command", resource: 'KubeObject::"main/shop/apps/Deployment/web"', verdict: "deny" },
    ],
  },
  {
    protocol: "MCP",
    access: `@id("mcp-access") permit (principal in Group::"staff", action in [Action::"read", Action::"write"], resource is Tool in McpServer::"github") unless { context.call.changed };`,
    guardrails: `@id("mcp-guard") forbid (principal, action, resource is Tool) when { context has call && context.call.labels.contains("untrusted") && ["write", "egress"].contains(resource.effect) || context has sql && context.sql.unbounded };`,
    entities: tree("McpServer", "github", [
      ["Tool", "github/create_issue", { name: "create_issue", effect: "write", classes: [] }],
    ]),
    cases: [
      { action: "mcp.write.call", resource: 'Tool::"github/create_issue"', verdict: "allow" },
      {
        action: "mcp.write.call",
        resource: 'Tool::"github/create_issue"',
        context: { call: { labels: ["untrusted"] } },
        verdict: "deny",
      },
      {
        action: "mcp.write.call",
        resource: 'Tool::"github/create_issue"',
        context: { call: { changed: true } },
        verdict: "deny",
      },
    ],
  },
  {
    protocol: "Language models",
    access: `@id("llm-access") permit (principal in Group::"staff", action in [Action::"llm.egress.complete", Action::"llm.egress.embed"], resource is Model) when { resource.sanctioned && context.llm.inputTokens <= 8000 };`,
    guardrails: `@id("llm-guard") forbid (principal, action in Action::"egress", resource is Model) when { context.llm.classesSent.contains("card") };`,
    entities: tree("ModelProvider", "anthropic", [["Model", "anthropic/opus", { name: "opus", sanctioned: true }]]),
    cases: [
      { action: "llm.egress.complete", resource: 'Model::"anthropic/opus"', verdict: "allow" },
      {
        action: "llm.egress.complete",
        resource: 'Model::"anthropic/opus"',
        context: { llm: { classesSent: ["card"] } },
        verdict: "deny",
      },
      {
        action: "llm.egress.complete",
        resource: 'Model::"anthropic/opus"',
        context: { llm: { inputTokens: 8001 } },
        verdict: "deny",
      },
    ],
  },
];
