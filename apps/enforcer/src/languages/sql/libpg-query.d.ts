// The emscripten module behind libpg-query. It is loaded directly because the package keeps one instance for ever,
// and an instance whose C stack overflowed must be thrown away.
declare module "libpg-query/wasm/libpg-query.js" {
  export interface PgQueryModule {
    _malloc(size: number): number;
    _free(pointer: number): void;
    _wasm_parse_query_raw(text: number): number;
    _wasm_free_parse_result(result: number): void;
    _wasm_parse_plpgsql(text: number): number;
    _wasm_free_string(text: number): void;
    getValue(pointer: number, type: "i32"): number;
    UTF8ToString(pointer: number): string;
    stringToUTF8(text: string, pointer: number, size: number): void;
    readonly HEAPU8: Uint8Array;
  }
  const instantiate: (options?: {
    print?: (line: string) => void;
    printErr?: (line: string) => void;
  }) => Promise<PgQueryModule>;
  export default instantiate;
}
