const BASE = "http://console.invalid";

/** A path on this origin and nothing else: an address from elsewhere leads to the first page. */
export function ownPath(text: string | undefined): string {
  const url = text === undefined || text.includes("\\") ? null : URL.parse(text, BASE);
  // "/.//elsewhere" is of this origin, and its path is an address without a scheme
  if (url === null || url.origin !== BASE || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search;
}
