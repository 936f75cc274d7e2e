export type { ByteSink, CopyMasker, HiddenColumn, MaskDemand, RowMasker, WireField } from "./contract.ts";
export { planCopyMasks } from "./copy.ts";
export { planRowMasks } from "./rows.ts";
