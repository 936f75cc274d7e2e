/** Says on standard output how this process was started and whether it took types out of TypeScript. */
export function report(notLean: string | undefined): void {
  const { argv, env, execArgv } = process;
  const loaded: unknown = Reflect.get(process, "moduleLoadList");
  const stripped = JSON.stringify(loaded).includes("deps/amaro");
  const args = argv.slice(2);
  const line = { args, execArgv, trim: env["MALLOC_TRIM_THRESHOLD_"], stripped, notLean: notLean ?? "no reason" };
  console.log(JSON.stringify(line));
}
