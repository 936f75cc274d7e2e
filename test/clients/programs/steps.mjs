// A step prints one line, so that two runs can be compared: its value, or the error's code, position and message.
const STEP_MS_MAX = 20_000;

/** Runs one step; it never throws. */
export async function step(name, run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("no end within its time")), STEP_MS_MAX);
  });
  try {
    const value = await Promise.race([run(), late]);
    console.log(`${name}: ${JSON.stringify(value ?? null)}`);
  } catch (error) {
    console.log(`${name}: error ${error.code ?? ""} ${error.position ?? ""} ${String(error.message).split("\n")[0]}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The last line: without it a run ended too early. */
export function finish() {
  console.log("done");
}
