import { Fault } from "./fault.ts";

/** Cedar's ipaddr: one address or a range, version 4 or 6. */
export class IpRange {
  readonly typeName = "ipaddr";
  readonly version: 4 | 6;
  readonly address: bigint;
  readonly prefix: number;
  /** the lowest and the highest address, numbers in version 4 */
  readonly low: number | bigint;
  readonly high: number | bigint;
  constructor(version: 4 | 6, address: bigint, prefix: number) {
    this.version = version;
    this.address = address;
    this.prefix = prefix;
    const mask = (1n << BigInt((version === 4 ? 32 : 128) - prefix)) - 1n;
    this.low = bound(version, address & ~mask);
    this.high = bound(version, address | mask);
  }

  get key(): string {
    return `i${this.version}.${this.address.toString(16)}/${this.prefix}`;
  }

  /** True when every address of this range lies in the other; never across versions. */
  isInRange(other: IpRange): boolean {
    return this.version === other.version && other.low <= this.low && this.high <= other.high;
  }

  /** True when every address lies between two of version 4, both included. */
  liesBetween(low: number, high: number): boolean {
    return this.version === 4 && low <= this.low && this.high <= high;
  }

  isLoopback(): boolean {
    return this.isInRange(this.version === 4 ? LOOPBACK_4 : LOOPBACK_6);
  }

  isMulticast(): boolean {
    return this.isInRange(this.version === 4 ? MULTICAST_4 : MULTICAST_6);
  }
}

/** Version 4 fits a number, which compares faster. */
function bound(version: 4 | 6, address: bigint): number | bigint {
  return version === 4 ? Number(address) : address;
}

const LOOPBACK_4 = new IpRange(4, 0x7f000000n, 8);
const LOOPBACK_6 = new IpRange(6, 1n, 128);
const MULTICAST_4 = new IpRange(4, 0xe0000000n, 4);
const MULTICAST_6 = new IpRange(6, 0xffn << 120n, 8);

/** Longest accepted text: eight groups, a slash and three digits. */
const TEXT_CHARS_MAX = 43;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/;

/** Reads `10.0.0.0/8`, `::1`, `fe80::/10`. No leading zeros, no zone, no dotted tail in version 6. */
export function parseIp(text: string): IpRange | Fault {
  const range = text.length > TEXT_CHARS_MAX ? undefined : readRange(text);
  return range ?? new Fault(`${JSON.stringify(text)} is not an IP address or range`);
}

function readRange(text: string): IpRange | undefined {
  const slash = text.indexOf("/");
  const host = slash === -1 ? text : text.slice(0, slash);
  const version = host.includes(":") ? 6 : 4;
  const bits = version === 4 ? 32 : 128;
  const address = version === 4 ? readVersion4(host) : readVersion6(host);
  if (address === undefined) return undefined;
  if (slash === -1) return new IpRange(version, address, bits);
  const digits = text.slice(slash + 1);
  if (!PREFIX.test(digits) || Number(digits) > bits) return undefined;
  return new IpRange(version, address, Number(digits));
}

function readVersion4(host: string): bigint | undefined {
  const octets = host.split(".");
  if (octets.length !== 4) return undefined;
  let address = 0n;
  for (const octet of octets) {
    if (!OCTET.test(octet) || Number(octet) > 255) return undefined;
    address = (address << 8n) | BigInt(octet);
  }
  return address;
}

function readVersion6(host: string): bigint | undefined {
  const halves = host.split("::");
  if (halves.length > 2) return undefined;
  const [head = "", tail] = halves;
  const before = readGroups(head);
  const after = tail === undefined ? [] : readGroups(tail);
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  // "::" stands for at least one group
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  let address = 0n;
  for (const group of [...before, ...Array.from({ length: missing }, () => 0n), ...after]) {
    address = (address << 16n) | group;
  }
  return address;
}

function readGroups(text: string): bigint[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  return groups.every((group) => GROUP.test(group)) ? groups.map((group) => BigInt(`0x${group}`)) : undefined;
}
