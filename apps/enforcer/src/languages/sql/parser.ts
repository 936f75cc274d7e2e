import type { Node, ParseResult } from "libpg-query";
import instantiate, { type PgQueryModule } from "libpg-query/wasm/libpg-query.js";

/** One statement of a text as the grammar sees it; `span` is in UTF-8 bytes, end exclusive. */
export interface RawStatement {
  readonly node: Node;
  readonly span: readonly [number, number];
}

/** A text's statements, or why it has none. `position` is a zero-based character offset where the grammar gave one. */
export type ParseOutcome =
  | { readonly ok: true; readonly statements: readonly RawStatement[] }
  | { readonly ok: false; readonly reason: string; readonly position?: number };

/** Postgres's own grammar. Synchronous and total: every failure is an outcome. */
export interface Parser {
  parse(text: string): ParseOutcome;
  /** The tree of a CREATE FUNCTION or DO in PL/pgSQL, or why there is none. Its queries are texts still. */
  parseProcedural(text: string): { readonly ok: true; readonly tree: object } | { readonly ok: false; reason: string };
}

/** A C heap larger than this is given back by taking a fresh instance: WebAssembly memory never shrinks. */
const HEAP_BYTES_MAX = 192 * 1024 * 1024;
/** Instances waiting to replace one that broke. */
const SPARES_MAX = 2;

/** Loads the parser; rejects only if its WebAssembly cannot be instantiated at all. */
export async function loadParser(): Promise<Parser> {
  const pool = new InstancePool([await newInstance(), await newInstance()]);
  return {
    parse: (text) => withInstance(pool, (instance) => parseRaw(instance, text)) ?? TOO_DEEP,
    parseProcedural: (text) => withInstance(pool, (instance) => parseProcedural(instance, text)) ?? TOO_DEEP,
  };
}

function newInstance(): Promise<PgQueryModule> {
  const silent = () => {};
  return instantiate({ print: silent, printErr: silent });
}

/** Holds the instance in use and spares: a stack overflow leaves an instance's C stack pointer wrong for ever. */
class InstancePool {
  readonly #ready: PgQueryModule[];
  #pending = 0;

  constructor(ready: PgQueryModule[]) {
    this.#ready = ready;
  }

  current(): PgQueryModule | undefined {
    if (this.#ready.length === 0) this.#refill();
    return this.#ready[0];
  }

  retire(): void {
    this.#ready.shift();
    this.#refill();
  }

  #refill(): void {
    if (this.#ready.length + this.#pending >= SPARES_MAX) return;
    this.#pending += 1;
    newInstance().then(
      (instance) => {
        this.#pending -= 1;
        this.#ready.push(instance);
      },
      // The next statement asks again; until one is there every text counts as unparsed, which denies.
      () => {
        this.#pending -= 1;
      },
    );
  }
}

const RENEWED = { ok: false, reason: "the parser is being renewed" } as const;
const TOO_DEEP = { ok: false, reason: "the text is nested too deeply or too large for the parser" } as const;

/** Runs the grammar; undefined when the instance broke, which is then replaced. */
function withInstance<T>(pool: InstancePool, parse: (instance: PgQueryModule) => T): T | typeof RENEWED | undefined {
  const instance = pool.current();
  if (!instance) return RENEWED;
  try {
    const outcome = parse(instance);
    if (instance.HEAPU8.length > HEAP_BYTES_MAX) pool.retire();
    return outcome;
  } catch {
    pool.retire();
    return undefined;
  }
}

function parseRaw(instance: PgQueryModule, text: string): ParseOutcome {
  const size = Buffer.byteLength(text, "utf8");
  const input = instance._malloc(size + 1);
  if (input === 0) throw new Error("the parser is out of memory");
  instance.stringToUTF8(text, input, size + 1);
  const result = instance._wasm_parse_query_raw(input);
  if (result === 0) throw new Error("the parser is out of memory");
  try {
    return readResult(instance, result, size);
  } finally {
    instance._free(input);
    instance._wasm_free_parse_result(result);
  }
}

/** The package answers with a JSON text of functions, or with the bare message of an error. */
function parseProcedural(instance: PgQueryModule, text: string) {
  const size = Buffer.byteLength(text, "utf8");
  const input = instance._malloc(size + 1);
  if (input === 0) throw new Error("the parser is out of memory");
  instance.stringToUTF8(text, input, size + 1);
  const result = instance._wasm_parse_plpgsql(input);
  instance._free(input);
  if (result === 0) throw new Error("the parser is out of memory");
  const answer = instance.UTF8ToString(result);
  instance._wasm_free_string(result);
  const tree = answer.startsWith("{") ? parseJson(answer) : undefined;
  if (typeof tree !== "object" || tree === null) return { ok: false, reason: answer.slice(0, 200) } as const;
  return { ok: true, tree } as const;
}

/** PgQueryParseResult is { char *parse_tree; char *stderr_buffer; PgQueryError *error }. */
function readResult(instance: PgQueryModule, result: number, size: number): ParseOutcome {
  const error = instance.getValue(result + 8, "i32");
  if (error !== 0) {
    const message = instance.UTF8ToString(instance.getValue(error, "i32"));
    const cursor = instance.getValue(error + 16, "i32");
    return { ok: false, reason: message, ...(cursor > 0 ? { position: cursor - 1 } : {}) };
  }
  const tree = instance.getValue(result, "i32");
  if (tree === 0) return { ok: false, reason: "the parser gave no tree" };
  const parsed = parseJson(instance.UTF8ToString(tree));
  if (!isParseResult(parsed)) return { ok: false, reason: "the parser gave a tree of another form" };
  return { ok: true, statements: statementsOf(parsed, size) };
}

/** A tree too deep for JSON.parse is no fault of the instance. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isParseResult(value: unknown): value is ParseResult {
  return typeof value === "object" && value !== null && "stmts" in value && Array.isArray(value.stmts);
}

function statementsOf(parsed: ParseResult, size: number): RawStatement[] {
  const statements: RawStatement[] = [];
  for (const raw of parsed.stmts ?? []) {
    if (!raw.stmt) continue;
    const start = raw.stmt_location ?? 0;
    statements.push({ node: raw.stmt, span: [start, raw.stmt_len ? start + raw.stmt_len : size] });
  }
  return statements;
}
