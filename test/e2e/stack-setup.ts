import { startTestStack } from "../kit/stack.ts";

/** Starts the stack that the browser tests use; Playwright's workers find it by SLUICE_E2E_STATE. */
export default async function setup(): Promise<() => Promise<void>> {
  const { stateDir, remove } = await startTestStack();
  process.env["SLUICE_E2E_STATE"] = stateDir;
  return remove;
}
