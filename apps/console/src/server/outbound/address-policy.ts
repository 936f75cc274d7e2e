import { BlockList, isIP } from "node:net";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";

/** Which addresses a request to a place of a tenant's choice may reach. */
export interface AddressPolicy {
  /** an IP address, without brackets or zone */
  allows(address: string): boolean;
  /** whether it is one of the networks that the operator named: plain http may be spoken there */
  allowsPlain(address: string): boolean;
}

/** Networks that are not the public internet's (IANA special-purpose address registries). */
const SPECIAL_V4 =
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4";
/** Within 2000::/3, all else is special: protocol assignments (Teredo among them), documentation, 6to4. */
const SPECIAL_V6 = "2001::/23 2001:db8::/32 2002::/16 3fff::/20";
/** Where clouds answer with credentials: no operator means to allow these to tenants. */
const METADATA = ["169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"];

/** Builds the policy: public addresses and the given networks (CIDR). Refuses text that is not a network. */
export function addressPolicy(networks: readonly string[]): Result<AddressPolicy, TaggedError<"outbound.bad_network">> {
  const allowed = new BlockList();
  for (const network of networks) if (!add(allowed, network)) return err(badNetwork(network));
  const allowsPlain = (address: string) => isReal(address) && listed(allowed, address);
  return ok({ allowsPlain, allows: (address) => allowsPlain(address) || (isReal(address) && isPublic(address)) });
}

const special = listOf(`${SPECIAL_V4} ${SPECIAL_V6}`);
const global6 = listOf("2000::/3");
const metadata = listOf(METADATA.map((address) => `${address}/${isIP(address) === 6 ? 128 : 32}`).join(" "));

function isReal(address: string): boolean {
  return isIP(address) !== 0 && !address.includes("%") && !listed(metadata, address);
}

function isPublic(address: string): boolean {
  if (listed(special, address)) return false;
  // IPv4 inside of IPv6 (mapped, compatible, NAT64) lies outside of 2000::/3: nobody's name needs it
  return isIP(address) === 4 || listed(global6, address);
}

function listed(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function listOf(networks: string): BlockList {
  const list = new BlockList();
  for (const network of networks.split(" ")) add(list, network);
  return list;
}

function add(list: BlockList, network: string): boolean {
  const [address = "", prefix = "", ...rest] = network.trim().split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 6 ? 128 : 32))
    return false;
  list.addSubnet(address, Number(prefix), family === 6 ? "ipv6" : "ipv4");
  return true;
}

function badNetwork(network: string): TaggedError<"outbound.bad_network"> {
  return taggedError("outbound.bad_network", `${network} is not a network such as 127.0.0.0/8 or ::1/128`);
}
