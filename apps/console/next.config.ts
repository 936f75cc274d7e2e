import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Workspace packages are TypeScript sources: Next compiles them as if they were ours.
  transpilePackages: [
    "@sluice/bundle",
    "@sluice/db",
    "@sluice/jobs",
    "@sluice/kernel",
    "@sluice/ledger",
    "@sluice/policy-engine",
    "@sluice/proto",
    "@sluice/telemetry",
  ],
  // These load files or native parts of their own at run time.
  serverExternalPackages: [
    "@cedar-policy/cedar-wasm",
    "@grpc/grpc-js",
    "@peculiar/x509",
    "@prisma/adapter-pg",
    "@prisma/client",
    "bullmq",
    "ioredis",
    "next-auth",
    "pg",
    "pino",
  ],
  // `npm run check` checks types with TypeScript 7 for all rooms at once.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root: new URL("../..", import.meta.url).pathname },
};

export default config;
