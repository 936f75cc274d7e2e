import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { EntityInput } from "../contract.ts";
import { extensionFunctions } from "./extensions.ts";
import { Fault } from "./fault.ts";
import { longFromBigint } from "./long.ts";
import { internUid, type Uid } from "./uid.ts";
import { CedarRecord, CedarSet, type Val } from "./value.ts";

/** Why a JSON value is not a Cedar value. */
export type JsonValueError = TaggedError<"policy.bad_value">;

/** How deep sets and records may nest. */
const DEPTH_MAX = 64;

/**
 * Reads Cedar's JSON form of a value, without a schema: `{"__entity":{type,id}}` and `{"__extn":{fn,arg}}` escapes, integers
 * (bigints are taken as they are), strings, booleans, arrays as sets, objects as records. Refuses null, fractions and
 * integers that JSON numbers cannot carry exactly. For load time, never per decision.
 */
export function valueFromCedarJson(json: unknown): Result<Val, JsonValueError> {
  const read = readValue(json, 0);
  return read instanceof Fault
    ? err(taggedError("policy.bad_value", read.message, { retry: "after-change" }))
    : ok(read);
}

/** Reads Cedar's JSON form of an entity: uid, attrs, tags, parents. */
export function entityFromCedarJson(json: unknown): Result<EntityInput, JsonValueError> {
  const read = readEntity(json);
  return read instanceof Fault
    ? err(taggedError("policy.bad_value", read.message, { retry: "after-change" }))
    : ok(read);
}

function readEntity(json: unknown): EntityInput | Fault {
  if (!isObject(json)) return new Fault("an entity is an object");
  const uid = uidFromJson(json["uid"]);
  if (uid === undefined) return new Fault("an entity has a uid with type and id");
  const parents: Uid[] = [];
  const listed: unknown = json["parents"] ?? [];
  if (!Array.isArray(listed)) return new Fault(`parents of ${uid.text} are an array`);
  for (const item of listed) {
    const parent = uidFromJson(item);
    if (parent === undefined) return new Fault(`a parent of ${uid.text} has no type and id`);
    parents.push(parent);
  }
  const attrs = readFields(json["attrs"] ?? {});
  if (attrs instanceof Fault) return new Fault(`attributes of ${uid.text}: ${attrs.message}`);
  const tags = readFields(json["tags"] ?? {});
  if (tags instanceof Fault) return new Fault(`tags of ${uid.text}: ${tags.message}`);
  return { uid, attrs, tags, parents };
}

function readFields(json: unknown): Map<string, Val> | Fault {
  if (!isObject(json)) return new Fault("expected an object");
  const record = readRecord(json, 0);
  return record instanceof Fault ? record : new Map(record.fields);
}

/** True for a JSON object, not an array or null. */
export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** Reads `{type,id}` or `{"__entity":{type,id}}`. */
export function uidFromJson(json: unknown): Uid | undefined {
  if (!isObject(json)) return undefined;
  if (isObject(json["__entity"])) return uidFromJson(json["__entity"]);
  const { type, id } = json;
  return typeof type === "string" && typeof id === "string" ? internUid(type, id) : undefined;
}

function readValue(json: unknown, depth: number): Val | Fault {
  if (typeof json === "string" || typeof json === "boolean") return json;
  if (typeof json === "number") return readNumber(json);
  if (typeof json === "bigint") return longFromBigint(json) ?? new Fault(`${json} does not fit in 64 bits`);
  if (depth >= DEPTH_MAX) return new Fault(`values nest deeper than ${DEPTH_MAX}`);
  if (Array.isArray(json)) return readSet(json, depth);
  if (!isObject(json)) return new Fault(`${json === null ? "null" : typeof json} is not a Cedar value`);
  if (Object.hasOwn(json, "__entity")) {
    return uidFromJson(json["__entity"]) ?? new Fault("__entity needs type and id");
  }
  if (Object.hasOwn(json, "__extn")) return readExtension(json["__extn"], depth);
  return readRecord(json, depth);
}

function readNumber(number: number): Val | Fault {
  return Number.isSafeInteger(number) ? number + 0 : new Fault(`${number} is not an integer that JSON carries exactly`);
}

function readSet(json: readonly unknown[], depth: number): Val | Fault {
  const items: Val[] = [];
  for (const item of json) {
    const read = readValue(item, depth + 1);
    if (read instanceof Fault) return read;
    items.push(read);
  }
  return new CedarSet(items);
}

function readRecord(json: Readonly<Record<string, unknown>>, depth: number): CedarRecord | Fault {
  const fields = new Map<string, Val>();
  for (const [name, item] of Object.entries(json)) {
    const read = readValue(item, depth + 1);
    if (read instanceof Fault) return new Fault(`${JSON.stringify(name)}: ${read.message}`);
    fields.set(name, read);
  }
  return new CedarRecord(fields);
}

function readExtension(json: unknown, depth: number): Val | Fault {
  if (!isObject(json) || typeof json["fn"] !== "string") return new Fault("__extn needs fn and arg");
  const found = extensionFunctions.get(json["fn"]);
  const listed: unknown = json["args"] ?? [json["arg"]];
  if (found === undefined || !Array.isArray(listed) || listed.length !== found.arity) {
    return new Fault(`there is no extension function ${json["fn"]} with these arguments`);
  }
  const values: Val[] = [];
  for (const item of listed) {
    const read = readValue(item, depth + 1);
    if (read instanceof Fault) return read;
    values.push(read);
  }
  return found.apply(values[0] ?? false, values[1] ?? false);
}
