export { planCopyMasks } from "./copy.ts";
export { planRowMasks } from "./rows.ts";
