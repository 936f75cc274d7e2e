/** Picks a whole number below the bound; seeded, so that a failure can be run again. */
export type Random = (below: number) => number;

/** A generated world: policies and templates as texts, links of templates, entities as Cedar's JSON, requests. */
export interface FuzzCase {
  readonly policies: readonly string[];
  readonly templates: readonly string[];
  readonly links: readonly FuzzLink[];
  readonly entities: readonly FuzzEntity[];
  readonly requests: readonly FuzzRequest[];
}
/** One template by its place, with what its slots stand for. */
export interface FuzzLink {
  readonly template: number;
  readonly principal: Name;
  readonly resource: Name;
}
/** An entity in Cedar's JSON form. */
export interface FuzzEntity {
  readonly uid: Name;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly parents: readonly Name[];
  readonly tags: Readonly<Record<string, unknown>>;
}
/** A request in Cedar's JSON form. */
export interface FuzzRequest {
  readonly principal: Name;
  readonly action: Name;
  readonly resource: Name;
  readonly context: Readonly<Record<string, unknown>>;
}
interface Name {
  readonly type: string;
  readonly id: string;
}

const types = ["User", "Agent", "Group", "Doc", "Ns::Folder"] as const;
const ids = ["a", 'q"ü', "__proto__"] as const;
const actions = ["read", "write", "all", "none"] as const;
const attributes = [
  "n",
  "s",
  "b",
  "e",
  "set",
  "rec",
  "ip",
  "dec",
  "at",
  "span",
  "odd name",
  "__proto__",
  "constructor",
] as const;
const tags = ["t1", "t2", "", "__proto__", "constructor"] as const;
const strings = ["", "a", "ab", "aab", "a*b", "éa", "prod", "10.0.0.1", "\u{1F3E6}b", "*"] as const;
const addresses = [
  "127.0.0.1",
  "10.0.0.0/8",
  "10.1.2.3",
  "::1",
  "ff02::1",
  "224.0.0.1/4",
  "0.0.0.0/0",
  "::/0",
  "127.0.0.0/7",
  "127.255.255.255",
  "::2",
  "::1/127",
  "fe80::/10",
  "2001:db8::ffff:a",
  "1:2:3:4:5:6:7:8",
  "::ffff:a00:1",
  "255.255.255.255/32",
] as const;
/** Texts that are addresses elsewhere. */
const noAddresses = [
  "1.2.3",
  "01.2.3.4",
  "::ffff:10.0.0.1",
  "10.0.0.1/033",
  "10.0.0.1/33",
  "::1/129",
  "::1%lo",
  "1::2::3",
  "1:2:3:4:5:6:7::8",
  "1:2:3:4:5:6:7:8:9",
  "",
  " 10.0.0.1",
  "10.0.0.1/",
  "::FFFF:0a00:0001/96",
] as const;
const decimals = ["0.0", "1.5", "-1.5000", "922337203685477.5807", "-922337203685477.5808", "-0.0", "00.1"] as const;
const noDecimals = [
  "1.23456",
  "1",
  "+1.0",
  "1.",
  ".5",
  "922337203685477.5808",
  "-922337203685477.5809",
  "1e3",
] as const;
const times = [
  "1970-01-01",
  "1969-12-31T23:59:59.999Z",
  "2026-02-28T10:00:00Z",
  "2026-02-28T10:00:00.001+0530",
  "0000-01-01",
  "9999-12-31T23:59:59.999-2359",
  "1969-12-31T23:59:59Z",
  "2024-02-29T00:00:00.000+0000",
  "1600-02-29",
] as const;
const noTimes = [
  "2026-02-30",
  "2026-13-01",
  "1900-02-29",
  "2026-01-01T24:00:00Z",
  "2026-01-01T23:59:60Z",
  "2026-01-01T00:00:00",
  "2026-01-01T00:00:00.1Z",
  "2026-01-01T00:00:00+2400",
  "2026-01-01T00:00:00+0060",
  "2026-1-1",
  "-001-01-01",
] as const;
const spans = [
  "0ms",
  "1d",
  "-1ms",
  "-1d2h3m4s5ms",
  "90m",
  "106751991167d",
  "9223372036854775807ms",
  "-9223372036854775808ms",
  "0d0h0m0s0ms",
] as const;
const noSpans = ["1x", "9999999999999d", "9223372036854775808ms", "1h1d", "", "-", "1ms1ms", "+1d", "1d -1h"] as const;
const longs = [
  "0",
  "1",
  "-1",
  "7",
  "2",
  "3037000500",
  "9007199254740991",
  "9007199254740993",
  "4611686018427387904",
  "-4611686018427387905",
  "9223372036854775806",
  "9223372036854775807",
  "-9223372036854775808",
] as const;
/** What JSON numbers carry exactly. */
const safeLongs = [0, 1, -1, 9_007_199_254_740_991, -9_007_199_254_740_991, 4_503_599_627_370_496] as const;

function pick<T>(random: Random, from: readonly T[]): T {
  const item = from[random(from.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

/** Makes one case: a handful to a few dozen policies, a hierarchy with tags, and requests with absent and odd attributes. */
export function generateCase(random: Random): FuzzCase {
  const habit = { path: pathText(random), scopes: 1 + random(4) };
  // the index takes other ways from dozens and from hundreds of policies on
  const crowd = random(40) === 0 ? 90 + random(700) : 1 + random(24);
  const policies = Array.from({ length: crowd }, () => policyText(random, habit));
  const templates = random(3) === 0 ? Array.from({ length: 1 + random(3) }, () => templateText(random, habit)) : [];
  const links = templates.flatMap((_, template) =>
    Array.from({ length: random(4) }, () => ({
      template,
      principal: generateName(random),
      resource: generateName(random),
    })),
  );
  return {
    policies,
    templates,
    links,
    entities: generateEntities(random),
    requests: Array.from({ length: crowd > 24 ? 10 : 40 }, () => generateRequest(random)),
  };
}

function generateEntities(random: Random): FuzzEntity[] {
  const entities: FuzzEntity[] = [];
  const names = types.flatMap((type) => ids.slice(0, 2).map((id) => ({ type, id })));
  names.forEach((uid, at) => {
    if (random(8) === 0) return; // some names have no entity
    // parents come later in the list, so there is no cycle
    const above = names.slice(at + 1);
    const parents = above.filter(() => random(4) === 0);
    entities.push({ uid, attrs: fields(random), parents, tags: tagFields(random) });
  });
  for (const [action, groups] of [
    ["read", ["all"]],
    ["write", ["all"]],
    ["all", []],
  ] as const) {
    const parents = groups.map((id) => ({ type: "Action", id }));
    entities.push({ uid: { type: "Action", id: action }, attrs: fields(random), parents, tags: {} });
  }
  return entities;
}

function generateRequest(random: Random): FuzzRequest {
  return {
    principal: generateName(random),
    action: { type: "Action", id: pick(random, actions) },
    resource: generateName(random),
    context: fields(random),
  };
}

function generateName(random: Random): Name {
  return { type: pick(random, types), id: pick(random, ids) };
}

function fields(random: Random): Record<string, unknown> {
  return Object.fromEntries(attributes.filter(() => random(2) === 0).map((name) => [name, jsonValue(random, name, 0)]));
}

function tagFields(random: Random): Record<string, unknown> {
  return Object.fromEntries(tags.filter(() => random(3) === 0).map((name) => [name, jsonValue(random, "", 0)]));
}

function jsonValue(random: Random, name: string, depth: number): unknown {
  const usual = attributes.findIndex((attribute) => attribute === name);
  // mostly the type that policies expect under this name, sometimes any other
  switch (usual >= 0 && random(10) > 0 ? usual : random(depth > 2 ? 4 : 10)) {
    case 0:
      return random(5) === 0 ? pick(random, safeLongs) : random(20) - 5;
    case 1:
      return pick(random, strings);
    case 2:
      return random(2) === 0;
    case 3:
      return { __entity: generateName(random) };
    case 4:
      return Array.from({ length: random(4) }, () => jsonValue(random, "", depth + 1));
    case 5:
      return { n: jsonValue(random, "n", depth + 1), rec: { s: pick(random, strings) } };
    case 6:
      return extension("ip", pick(random, addresses));
    case 7:
      return extension("decimal", pick(random, decimals));
    case 8:
      return extension("datetime", pick(random, times));
    default:
      return extension("duration", pick(random, spans));
  }
}

function extension(fn: string, arg: string): unknown {
  return { __extn: { fn, arg } };
}

function entityText({ type, id }: Name): string {
  return `${type}::${JSON.stringify(id)}`;
}

/** What the policies of one case have in common, so that they meet in the same places of the index. */
interface Habit {
  readonly path: string;
  /** one in so many policies constrains a part of its scope */
  readonly scopes: number;
}

function policyText(random: Random, habit: Habit): string {
  const effect = random(3) === 0 ? "forbid" : "permit";
  const note = random(4) === 0 ? `@note("${random(9)}") ` : "";
  const clauses = Array.from({ length: random(3) }, () => {
    return `${random(3) === 0 ? "unless" : "when"} { ${conditionText(random, habit)} }`;
  });
  const part = (name: string) => (random(habit.scopes) === 0 ? scopeText(random, name) : name);
  const scope = `${part("principal")}, ${actionText(random)}, ${part("resource")}`;
  return `${note}${effect} (${scope}) ${clauses.join(" ")};`;
}

/** With one slot or two, in any of the places that Cedar allows. */
function templateText(random: Random, habit: Habit): string {
  const slot = (part: string) =>
    pick(random, [`${part} == ?${part}`, `${part} in ?${part}`, `${part} is ${pick(random, types)} in ?${part}`]);
  const both = random(2) === 0;
  const principal = both || random(2) === 0 ? slot("principal") : scopeText(random, "principal");
  const resource = both || !principal.includes("?") ? slot("resource") : scopeText(random, "resource");
  const effect = random(3) === 0 ? "forbid" : "permit";
  const condition = random(2) === 0 ? `when { ${conditionText(random, habit)} }` : "";
  return `${effect} (${principal}, ${actionText(random)}, ${resource}) ${condition};`;
}

function scopeText(random: Random, part: string): string {
  const entity = entityText(generateName(random));
  const forms = [part, part, `${part} == ${entity}`, `${part} in ${entity}`, `${part} is ${pick(random, types)}`];
  return pick(random, [...forms, `${part} is ${pick(random, types)} in ${entity}`]);
}

function actionText(random: Random): string {
  const action = () => `Action::"${pick(random, actions)}"`;
  return pick(random, [
    "action",
    "action",
    `action == ${action()}`,
    `action in ${action()}`,
    `action in [${action()}, ${action()}]`,
  ]);
}

// Half of the conditions begin the way the index likes, so that its short cuts are taken.
function conditionText(random: Random, habit: Habit): string {
  const depth = 1 + random(3);
  if (random(2) === 0) return boolText(random, depth);
  const path = random(4) > 0 ? habit.path : pathText(random);
  const owner = pick(random, ["principal", "resource"]);
  const guard = pick(random, [
    () => `${path} == ${literalText(random)}`,
    () => `${literalText(random)} == ${path}`,
    () => `[${literalText(random)}, ${literalText(random)}].contains(${path})`,
    () => path,
    () => `!${path}`,
    () => pick(random, ["context.b", "!context.b", "resource.b", "!resource.b"]),
    () => pick(random, ["context.b", "!context.b", "resource.b", "!resource.b"]),
    () => `${path} like "${pick(random, ["a*", "*b", "*a*", "a\\*b", "*"])}"`,
    () => `${random(2) === 0 ? "!" : ""}(${path} ${pick(random, ["<", "<=", ">", ">="])} ${random(9)})`,
    () => `!(${path} like "${pick(random, ["a*", "*b"])}")`,
    () => `[[1], ${literalText(random)}].contains(${path})`,
    () => `${owner}.hasTag("${pick(random, tags)}")`,
    () => `${owner}.hasTag("t1") && ${owner}.getTag("t1") == ${literalText(random)}`,
    () => `${owner} in [${entityText(generateName(random))}, ${entityText(generateName(random))}]`,
    () => `${owner} == ${pick(random, ["principal", "resource", entityText(generateName(random))])}`,
    () => `!(${owner} is ${pick(random, types)} in ${entityText(generateName(random))})`,
    () => `context == ${literalText(random)}`,
    () => `${path}.contains(${literalText(random)})`,
    () => `principal in ${entityText(generateName(random))}`,
    () => `resource is ${pick(random, types)}`,
    () => `context has ${pick(random, ["n", "s", "rec.n", "rec.rec.s"])}`,
  ])();
  const rest = boolText(random, depth);
  return pick(random, [
    guard,
    `${guard} && ${rest}`,
    `${totalText(random)} && ${guard} && ${rest}`,
    `!(${guard} || ${rest})`,
  ]);
}

function totalText(random: Random): string {
  const entity = entityText(generateName(random));
  return pick(random, [
    `principal in ${entity}`,
    `resource == ${entity}`,
    "context has n",
    `principal is ${pick(random, types)}`,
    "true",
  ]);
}

function pathText(random: Random): string {
  const root = pick(random, ["principal", "resource", "context"]);
  return pick(random, [
    `${root}.${pick(random, ["n", "s", "b", "e", "set", "rec"])}`,
    `${root}["odd name"]`,
    `${root}["__proto__"]`,
    `${root}.constructor`,
    `${root}.rec.n`,
    `${root}.rec.rec.s`,
    `${root}.e.n`,
  ]);
}

function literalText(random: Random): string {
  return pick(random, [
    () => pick(random, longs),
    () => JSON.stringify(pick(random, strings)),
    () => (random(2) === 0 ? "true" : "false"),
    () => entityText(generateName(random)),
    () => "[1, 2]",
    () => `decimal("${pick(random, decimals)}")`,
  ])();
}

function boolText(random: Random, depth: number): string {
  if (depth <= 0) return pick(random, ["true", "false", pathText(random), "context has n", "principal has s"]);
  const bool = () => boolText(random, depth - 1);
  const any = () => anyText(random, depth - 1);
  return pick(random, [
    () => `(${bool()} && ${bool()})`,
    () => `(${bool()} || ${bool()})`,
    () => `!(${bool()})`,
    () => `(if ${bool()} then ${bool()} else ${bool()})`,
    () => `(${any()} == ${any()})`,
    () => `(${any()} != ${any()})`,
    () => `(${any()} in ${any()})`,
    () => `(${any()} ${pick(random, ["<", "<=", ">", ">="])} ${any()})`,
    () => `(${any()}).contains(${any()})`,
    () => `(${any()}).${pick(random, ["containsAll", "containsAny"])}(${any()})`,
    () => `(${any()}).isEmpty()`,
    () => `((${any()}) is ${pick(random, types)})`,
    () => `((${any()}) is ${pick(random, types)} in ${any()})`,
    () =>
      `((${any()}) like "${pick(random, ["*", "a*", "*a*b", "aa*ab", "\\*", "**", "*\\**", "\u{1F3E6}*", "*a*a*"])}")`,
    () => `((${any()}) has ${pick(random, ["n", "rec", '"odd name"', "rec.rec.s", "e.n", '"__proto__"', "toString"])})`,
    () => `(${any()}).hasTag(${any()})`,
    () => `(${any()}).${pick(random, ["isIpv4", "isIpv6", "isLoopback", "isMulticast"])}()`,
    () => `(${any()}).isInRange(${any()})`,
    () => `(${any()}).${pick(random, ["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"])}(${any()})`,
  ])();
}

function anyText(random: Random, depth: number): string {
  if (depth <= 0 || random(3) === 0) return leafText(random);
  const any = () => anyText(random, depth - 1);
  return pick(random, [
    () => boolText(random, depth - 1),
    () => `(${any()} ${pick(random, ["+", "-", "*"])} ${any()})`,
    () => `(-(${any()}))`,
    () => `[${any()}, ${any()}]`,
    () => `{"n": ${any()}, "s": ${any()}}`,
    () => `(${any()}).${pick(random, ["n", "s", "e", "rec"])}`,
    () => `(${any()}).getTag(${any()})`,
    () => `(if ${boolText(random, depth - 1)} then ${any()} else ${any()})`,
    () => `(${any()}).offset(${any()})`,
    () => `(${any()}).durationSince(${any()})`,
    () =>
      `(${any()}).${pick(random, ["toDate", "toTime", "toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"])}()`,
  ])();
}

function leafText(random: Random): string {
  return pick(random, [
    () => pick(random, ["principal", "action", "resource", "context"]),
    () => pathText(random),
    () => `${pick(random, ["principal", "resource", "context"])}.${pick(random, ["ip", "dec", "at", "span", "set"])}`,
    () => literalText(random),
    () => `ip("${pick(random, [...addresses, ...noAddresses])}")`,
    () => `datetime("${pick(random, [...times, ...noTimes])}")`,
    () => `duration("${pick(random, [...spans, ...noSpans])}")`,
    () => `decimal("${pick(random, [...decimals, ...noDecimals])}")`,
    () => `"${pick(random, tags)}"`,
    () => "[]",
    () => `[User::"a", ${entityText(generateName(random))}]`,
  ])();
}
