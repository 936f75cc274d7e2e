/** Tells pages their own address: set by the proxy on every request, so what a client sends under this name is lost. */
export const PATH_HEADER = "x-sluice-path";
