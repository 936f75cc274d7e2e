import * as cedar from "@cedar-policy/cedar-wasm/nodejs";

interface Type {
  readonly type: string;
  readonly name?: string;
  readonly element?: Type;
  readonly attributes?: Readonly<Record<string, Type>>;
}
interface Namespace {
  readonly entityTypes: Readonly<Record<string, { readonly shape?: Type; readonly tags?: Type }>>;
  readonly actions: Readonly<Record<string, { readonly appliesTo?: { readonly context?: Type } }>>;
  readonly commonTypes?: Readonly<Record<string, Type>>;
}

const constructors: Readonly<Record<string, string>> = { ipaddr: "ip" };

/**
 * Writes out what Cedar's JSON may leave implicit where a schema is known: entities as `{type,id}` and extension values as
 * texts. Our bundles always write the escapes; the hand-written official cases rely on their schema.
 */
export class SchemaTypes {
  readonly #namespaces: Readonly<Record<string, Namespace>>;

  constructor(schema: string) {
    const answer = cedar.schemaToJsonWithResolvedTypes(schema);
    if (answer.type === "failure") throw new Error("the official parser refused a schema", { cause: answer.errors });
    this.#namespaces = JSON.parse(JSON.stringify(answer.json));
  }

  entity(json: { uid: { type: string } | { __entity: { type: string } }; attrs: unknown }): unknown {
    const uid = "__entity" in json.uid ? json.uid.__entity : json.uid;
    const [namespace, name] = nameParts(uid.type);
    const shape = this.#namespaces[namespace]?.entityTypes[name]?.shape;
    return { ...json, attrs: this.#explicit(json.attrs, shape, namespace) };
  }

  context(action: { type: string; id: string }, json: unknown): unknown {
    const [namespace] = nameParts(action.type);
    return this.#explicit(json, this.#namespaces[namespace]?.actions[action.id]?.appliesTo?.context, namespace);
  }

  #explicit(json: unknown, type: Type | undefined, namespace: string): unknown {
    if (type === undefined) return json;
    switch (type.type) {
      case "Entity":
        return isObject(json) && !("__entity" in json) ? { __entity: json } : json;
      case "Extension":
        return this.#extension(json, type.name ?? "");
      case "Set":
        return Array.isArray(json) ? json.map((item) => this.#explicit(item, type.element, namespace)) : json;
      case "Record":
        return isObject(json) ? this.#record(json, type.attributes ?? {}, namespace) : json;
      default:
        return this.#explicit(json, this.#namespaces[namespace]?.commonTypes?.[type.name ?? type.type], namespace);
    }
  }

  #extension(json: unknown, name: string): unknown {
    const bare = name.replace("__cedar::", "");
    if (typeof json === "string") return { __extn: { fn: constructors[bare] ?? bare, arg: json } };
    return isObject(json) && !("__extn" in json) ? { __extn: json } : json;
  }

  #record(
    json: Readonly<Record<string, unknown>>,
    attributes: Readonly<Record<string, Type>>,
    namespace: string,
  ): unknown {
    return Object.fromEntries(
      Object.entries(json).map(([name, item]) => [name, this.#explicit(item, attributes[name], namespace)]),
    );
  }
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function nameParts(type: string): [namespace: string, name: string] {
  const at = type.lastIndexOf("::");
  return at < 0 ? ["", type] : [type.slice(0, at), type.slice(at + 2)];
}
