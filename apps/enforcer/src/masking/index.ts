export type { ByteSink, HiddenColumn, MaskDemand, WireField } from "./contract.ts";
export { planCopyMasks } from "./copy.ts";
export { planRowMasks } from "./rows.ts";
