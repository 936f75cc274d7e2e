import type { UpFile } from "@sluice/infra/dev/up-file";
import type { TestProject } from "vitest/node";
import { startTestStack } from "../kit/stack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** of the stack that the tests share; those that kill processes start their own */
    stack: { readonly stateDir: string; readonly file: UpFile };
  }
}

/** Starts the stack that system tests share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stateDir, file, remove } = await startTestStack();
  project.provide("stack", { stateDir, file });
  return remove;
}
