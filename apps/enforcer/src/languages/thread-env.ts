import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/**
 * The whole environment of a thread of ours: where compiled code is kept, so that it need not take the types out of its
 * program (20 MB that stay, and half a second), and nothing else: credentials are none of its business.
 */
export function threadEnv(): NodeJS.ProcessEnv {
  const own = getCompileCacheDir(); // below the directory that was named: one for each version of Node
  return own === undefined ? {} : { NODE_COMPILE_CACHE: dirname(own) };
}
