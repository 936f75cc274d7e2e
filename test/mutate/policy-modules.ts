import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { type Module, SourceTextModule, SyntheticModule } from "node:vm";

type Exports = Readonly<Record<string, unknown>>;

/** What is different about one load: a file with another text, packages with other exports. */
export interface Replacements {
  readonly file?: { readonly file: string; readonly text: string } | undefined;
  readonly packages?: Readonly<Record<string, Exports>>;
}

/** The modules of one folder, linked in this process as often as one likes; needs `--experimental-vm-modules`. */
export class ModuleSet {
  readonly #sources = new Map<string, string>();
  readonly #imported = new Map<string, Promise<Module>>();

  constructor(folder: string) {
    for (const file of globSync("**/*.ts", { cwd: folder })) {
      this.#sources.set(file, stripTypeScriptTypes(readFileSync(join(folder, file), "utf8")));
    }
  }

  /** What fresh instances of these modules export. */
  async load(entries: readonly string[], { file: own, packages = {} }: Replacements = {}): Promise<object[]> {
    const sources = new Map(this.#sources);
    if (own !== undefined) sources.set(own.file, stripTypeScriptTypes(own.text));
    const made = new Map<string, Module>();
    const moduleOf = (file: string): Module => {
      const known = made.get(file);
      if (known !== undefined) return known;
      const code = sources.get(file);
      if (code === undefined) throw new Error(`there is no module ${file}`);
      const created = new SourceTextModule(code, { identifier: file });
      made.set(file, created);
      return created;
    };
    const given = new Map(Object.entries(packages).map(([name, exports]) => [name, wrapped(exports)]));
    const exports: object[] = [];
    for (const entry of entries) {
      const wanted = moduleOf(entry);
      if (wanted.status === "unlinked") {
        await wanted.link((name, from) =>
          name.startsWith(".")
            ? moduleOf(join(dirname(from.identifier), name))
            : (given.get(name) ?? this.#import(name)),
        );
      }
      await wanted.evaluate();
      exports.push(wanted.namespace);
    }
    return exports;
  }

  /** A package, as this process has it. */
  #import(name: string): Promise<Module> {
    const known = this.#imported.get(name);
    if (known !== undefined) return known;
    const imported = import(name).then(wrapped);
    this.#imported.set(name, imported);
    return imported;
  }
}

function wrapped(exports: Exports): Module {
  const names = Object.keys(exports);
  return new SyntheticModule(names, function fill() {
    for (const name of names) this.setExport(name, exports[name]);
  });
}
