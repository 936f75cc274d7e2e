import { resolve } from "node:path";
import { generateClient } from "./build.ts";

// Generates what the types need, when its source changed: `node infra/dev/generate.ts`.
await generateClient(resolve(import.meta.dirname, "../.."));
