import { nearest } from "./nearest.ts";
import { wholeSchema } from "./schema-part.ts";

/** Names at most this many actions in a guess. */
const GUESSES_MAX = 3;

/** The actions that somebody who wrote one word most likely means: `sql.read.select` for `select`; those of SQL first. */
export function actionsNamed(word: string): readonly string[] {
  const ending = `.${word.toLowerCase()}`;
  const named = namespaces().flatMap(({ actions }) => Object.keys(actions).filter((id) => id.endsWith(ending)));
  const sql = named.filter((id) => id.startsWith("sql."));
  return (sql.length > 0 ? sql : named).slice(0, GUESSES_MAX);
}

/** The types of resources that an action applies to; none for a group of actions or for what is no action. */
export function resourceTypesOf(action: string): readonly string[] {
  return namespaces().flatMap(({ actions }) => actions[action]?.appliesTo?.resourceTypes ?? []);
}

/** Where a protocol's context has an attribute of this name: `context.sql.unbounded`. */
export function contextPathOf(name: string, protocol: string): string | undefined {
  for (const { actions, commonTypes = {} } of namespaces()) {
    const ids = Object.keys(actions).filter((id) => id.startsWith(`${protocol}.`) && resourceTypesOf(id).length > 0);
    const context = attributesOf(referred(actions[ids[0] ?? ""]?.appliesTo?.context, commonTypes));
    const part = Object.entries(context).find(([, type]) => name in attributesOf(referred(type, commonTypes)));
    if (part !== undefined) return `context.${part[0]}.${name}`;
  }
  return undefined;
}

/** Why an action's name is none that something is asked about, with what was meant; undefined when it is one. */
export function noAction(action: string): string | undefined {
  if (resourceTypesOf(action).length > 0) return undefined;
  const ids = namespaces().flatMap(({ actions }) => Object.keys(actions));
  const [meant] = action.includes(".") ? [] : actionsNamed(action);
  const guess =
    meant ??
    nearest(
      action,
      ids.filter((id) => resourceTypesOf(id).length > 0),
    );
  if (ids.includes(action))
    return `${action} is a group of actions: name one action of it, such as ${firstIn(action)}.`;
  return `There is no action ${action}.${guess === undefined ? "" : ` Did you mean ${guess}?`}`;
}

function firstIn(group: string): string {
  const below = namespaces().flatMap(({ actions }) => Object.entries(actions));
  const direct = below
    .filter(([, { memberOf = [] }]) => (memberOf ?? []).some(({ id }) => id === group))
    .map(([id]) => id);
  const [action] = direct.filter((id) => resourceTypesOf(id).length > 0);
  const [inner] = direct;
  return action ?? (inner === undefined ? group : firstIn(inner));
}

/** Why a name's type is none of the schema's, with what was meant; undefined when it is one. */
export function noEntityType(type: string): string | undefined {
  const types = namespaces().flatMap(({ entityTypes }) => Object.keys(entityTypes));
  if (types.includes(type)) return undefined;
  const guess = nearest(type, types);
  return `There is no entity type ${type}.${guess === undefined ? "" : ` Did you mean ${guess}?`}`;
}

/** The first name in a context that no context of this action has, with what was meant; undefined when all are known. */
export function noContext(action: string, context: Readonly<Record<string, unknown>>): string | undefined {
  for (const { actions, commonTypes = {} } of namespaces()) {
    const type = referred(actions[action]?.appliesTo?.context, commonTypes);
    if (type !== undefined) return strangerIn(context, { type, path: "context", commonTypes });
  }
  return undefined;
}

interface Inside {
  readonly type: unknown;
  readonly path: string;
  readonly commonTypes: Readonly<Record<string, unknown>>;
}

function strangerIn(
  record: Readonly<Record<string, unknown>>,
  { type, path, commonTypes }: Inside,
): string | undefined {
  const known = attributesOf(type);
  // not a record of the schema: an entity, an extension value
  if (Object.keys(known).length === 0) return undefined;
  for (const [name, value] of Object.entries(record)) {
    const below = `${path}.${name}`;
    if (!Object.hasOwn(known, name)) {
      const guess = nearest(name, Object.keys(known));
      return `There is no ${below}.${guess === undefined ? "" : ` Did you mean ${path}.${guess}?`}`;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    const inner = strangerIn(Object.fromEntries(Object.entries(value)), {
      type: referred(known[name], commonTypes),
      path: below,
      commonTypes,
    });
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function namespaces() {
  return Object.values(wholeSchema());
}

/** What a type's name stands for. */
function referred(type: unknown, commonTypes: Readonly<Record<string, unknown>>): unknown {
  if (typeof type !== "object" || type === null) return undefined;
  const names = [...("name" in type ? [type.name] : []), ...("type" in type ? [type.type] : [])];
  const name = names.find((each) => typeof each === "string" && Object.hasOwn(commonTypes, each));
  return typeof name === "string" ? commonTypes[name] : type;
}

function attributesOf(type: unknown): Readonly<Record<string, unknown>> {
  if (typeof type !== "object" || type === null || !("attributes" in type)) return {};
  const { attributes } = type;
  return typeof attributes === "object" && attributes !== null ? Object.fromEntries(Object.entries(attributes)) : {};
}
