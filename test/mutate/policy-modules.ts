import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { type Module, SourceTextModule, SyntheticModule } from "node:vm";

/** The modules of one folder, linked in this process with one of them replaced; needs `--experimental-vm-modules`. */
export class ModuleSet {
  readonly #sources = new Map<string, string>();
  readonly #foreign = new Map<string, Promise<Module>>();

  constructor(folder: string) {
    for (const file of globSync("**/*.ts", { cwd: folder })) {
      if (file.endsWith(".test.ts")) continue;
      this.#sources.set(file, stripTypeScriptTypes(readFileSync(join(folder, file), "utf8")));
    }
  }

  /** Fresh instances of the modules that `entries` need; `replaced` stands in for the file of that name. */
  async load(
    entries: readonly string[],
    replaced?: { readonly file: string; readonly text: string },
  ): Promise<object[]> {
    const linked = new Map<string, Module>();
    const own = replaced && { file: replaced.file, code: stripTypeScriptTypes(replaced.text) };
    const moduleOf = (file: string): Module => {
      const known = linked.get(file);
      if (known !== undefined) return known;
      const code = file === own?.file ? own.code : this.#sources.get(file);
      if (code === undefined) throw new Error(`there is no module ${file}`);
      const made = new SourceTextModule(code, { identifier: file });
      linked.set(file, made);
      return made;
    };
    const namespaces: object[] = [];
    for (const entry of entries) {
      const wanted = moduleOf(entry);
      if (wanted.status === "unlinked") {
        await wanted.link((name, from) =>
          name.startsWith(".") ? moduleOf(join(dirname(from.identifier), name)) : this.#imported(name),
        );
      }
      await wanted.evaluate();
      namespaces.push(wanted.namespace);
    }
    return namespaces;
  }

  /** A package, as this process has it. */
  #imported(name: string): Promise<Module> {
    const known = this.#foreign.get(name);
    if (known !== undefined) return known;
    const wrapped = import(name).then((exports: Readonly<Record<string, unknown>>) => {
      const names = Object.keys(exports);
      return new SyntheticModule(names, function fill() {
        for (const each of names) this.setExport(each, exports[each]);
      });
    });
    this.#foreign.set(name, wrapped);
    return wrapped;
  }
}
