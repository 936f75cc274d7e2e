const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

interface Level {
  readonly kind: "object" | "array";
  /** what the value that is read now is called here */
  key: string | number;
}

/**
 * The offset of the value at `path` in a JSON text that parses; of the nearest thing around it when it is missing. A path is
 * what zod reports.
 */
export function placeInJson(text: string, path: readonly PropertyKey[]): number {
  const wanted = path.map(String);
  const levels: Level[] = [];
  let best = 0;
  let bestDepth = -1;
  const note = (at: number) => {
    const here = levels.map(({ key }) => String(key));
    if (here.length > wanted.length || here.length <= bestDepth) return;
    if (here.every((key, depth) => key === wanted[depth])) [best, bestDepth] = [at, here.length];
  };
  let keyNext = false;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "}" || token === "]") levels.pop();
    else if (token === ",") {
      if (level?.kind === "array" && typeof level.key === "number") level.key += 1;
      keyNext = level?.kind === "object";
      continue;
    } else if (token === ":") continue;
    else if (keyNext && level !== undefined) level.key = String(JSON.parse(token));
    else {
      note(index);
      if (token === "{" || token === "[")
        levels.push(token === "{" ? { kind: "object", key: "" } : { kind: "array", key: 0 });
    }
    keyNext = token === "{";
  }
  return best;
}
