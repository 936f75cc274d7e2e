import { type CellMask, NULL_CELL } from "./cell-mask.ts";

/** Arrays of more elements become NULL; each may grow by as much as a cell. */
export const ARRAY_ELEMENTS_MAX = 256;
const DIMENSIONS_MAX = 6;

/** Hides an array element by element: its dimensions and NULLs stay. What is not understood of it becomes NULL whole. */
export function arrayMask(element: CellMask, elementExtraBytes: number, format: number): CellMask {
  const hide = (value: Buffer): Buffer | undefined => {
    const target = Buffer.alloc(value.length + elementExtraBytes);
    const end = element(value, 0, value.length, target, 0);
    return end === NULL_CELL ? undefined : target.subarray(0, end);
  };
  return (source, start, end, target, at) => {
    const value = source.subarray(start, end);
    const shown = format === 1 ? binaryArray(value, hide) : textArray(value, hide);
    return shown ? at + shown.copy(target, at) : NULL_CELL;
  };
}

type Hide = (value: Buffer) => Buffer | undefined;

/** `{a,"b,c",NULL}`, nested, with dimensions in front where they do not begin at 1. */
function textArray(value: Buffer, hide: Hide): Buffer | undefined {
  const text = value.toString("latin1");
  const dimensions = /^(?:\[-?\d+:-?\d+\])+=/.exec(text)?.[0] ?? "";
  let out = dimensions;
  let elements = 0;
  let depth = 0;
  const part = /\{|\}|,|"((?:[^"\\]|\\[\s\S])*)"|([^{},"\\\s]+(?:[^{},"\\]*[^{},"\\\s])?)/y;
  part.lastIndex = dimensions.length;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (!found) return undefined;
    const [whole, quoted, bare] = found;
    if (quoted === undefined && bare === undefined) {
      depth += whole === "{" ? 1 : whole === "}" ? -1 : 0;
      if (depth > DIMENSIONS_MAX || depth < 0) return undefined;
      out += whole;
      continue;
    }
    elements += 1;
    if (elements > ARRAY_ELEMENTS_MAX || depth === 0) return undefined;
    const plain = quoted === undefined ? (bare ?? "") : quoted.replaceAll(/\\([\s\S])/g, "$1");
    out += quoted === undefined && /^null$/i.test(plain) ? "NULL" : elementText(hide(Buffer.from(plain, "latin1")));
  }
  return depth === 0 && text.endsWith("}") ? Buffer.from(out, "latin1") : undefined;
}

function elementText(shown: Buffer | undefined): string {
  if (!shown) return "NULL";
  const text = shown.toString("latin1");
  if (/^[\w.:+*@-]+$/.test(text) && !/^null$/i.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Dimensions, whether there are NULLs, the element type, then length and value of each (array_send). */
function binaryArray(value: Buffer, hide: Hide): Buffer | undefined {
  if (value.length < 12) return undefined;
  const dimensions = value.readInt32BE(0);
  if (dimensions < 0 || dimensions > DIMENSIONS_MAX || value.length < 12 + dimensions * 8) return undefined;
  let count = dimensions === 0 ? 0 : 1;
  for (let at = 0; at < dimensions; at += 1) count *= value.readInt32BE(12 + at * 8);
  if (count < 0 || count > ARRAY_ELEMENTS_MAX) return undefined;
  const head = Buffer.from(value.subarray(0, 12 + dimensions * 8));
  const parts: Buffer[] = [head];
  let at = head.length;
  for (let index = 0; index < count; index += 1) {
    if (at + 4 > value.length) return undefined;
    const length = value.readInt32BE(at);
    at += 4;
    if (length < -1 || at + length > value.length) return undefined;
    const shown = length < 0 ? undefined : hide(value.subarray(at, at + length));
    at += Math.max(0, length);
    const size = Buffer.alloc(4);
    size.writeInt32BE(shown ? shown.length : -1);
    if (!shown) head.writeInt32BE(1, 4);
    parts.push(size, ...(shown ? [shown] : []));
  }
  return at === value.length ? Buffer.concat(parts) : undefined;
}
