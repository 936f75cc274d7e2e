/** Starts the process's parts before the first request, so that a wrong configuration shows at once and says why. */
export async function register(): Promise<void> {
  // Next compiles this file for its edge runtime too, where nothing of ours runs; the constant cuts that branch off.
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const [{ tellPeers }, { web }] = await Promise.all([import("./server/peer-address.ts"), import("./server/web.ts")]);
  tellPeers();
  web();
}
