import { asciiStandsAlone } from "../languages/encodings.ts";
import type { CopyFacts } from "../languages/facts.ts";
import { cellMaskFor, extraBytesMax } from "./cells.ts";
import { chooseByLineage } from "./choose.ts";
import type { CopyMasker, CopyShape, MaskDemand, PlanCopyMasks } from "./contract.ts";
import { BinaryCopyMasker } from "./copy-binary.ts";
import type { CopyColumn } from "./copy-frames.ts";
import { TextCopyMasker } from "./copy-text.ts";

/** Plans a COPY out. Refuses forms that are not understood well enough to find every value in them. */
export const planCopyMasks: PlanCopyMasks = (_statement, shape, demand) => {
  const choices = chooseByLineage(shape.columns, demand);
  if (choices.every((choice) => choice === undefined)) return "clear";
  const { copy } = demand;
  if (!copy || copy.format !== shape.format) return { refuse: "the form of this COPY was not understood" };
  const columns = choices.map((choice, at): CopyColumn | undefined => {
    if (!choice) return undefined;
    const { dataClass, strategy } = choice;
    const typeOid = typeOf(demand, at) ?? 0;
    return {
      dataClass,
      extraBytes: extraBytesMax(typeOid),
      mask: cellMaskFor({ strategy, dataClass, typeOid, format: binary(shape), maskKey: demand.maskKey }),
    };
  });
  return maskerFor(copy, columns, copy.encoding ?? shape.clientEncoding);
};

function maskerFor(
  copy: CopyFacts,
  columns: readonly (CopyColumn | undefined)[],
  encoding: string,
): CopyMasker | { readonly refuse: string } {
  if (copy.format === "binary") return new BinaryCopyMasker(columns);
  const singles = [copy.delimiter, ...(copy.format === "csv" ? [copy.quote, copy.escape] : [])];
  if (singles.some((text) => text.length !== 1 || text > "~"))
    return { refuse: "a COPY delimiter that is not one ASCII character" };
  // in others a delimiter may be half of a character: values would end up in the place of their neighbours
  if (!asciiStandsAlone(encoding))
    return {
      refuse: "a COPY of classified columns in an encoding that cannot be taken apart; use UTF8, or FORMAT binary",
    };
  return new TextCopyMasker(copy, columns);
}

function binary(shape: CopyShape): number {
  return shape.format === "binary" ? 1 : 0;
}

/** The column's type where lineage names the very column; COPY's wire form does not tell it. */
function typeOf(demand: MaskDemand, at: number): number | undefined {
  const lineage = demand.lineage === "unknown" ? undefined : demand.lineage[at];
  if (!lineage?.exact) return undefined;
  for (const { schema, table, column } of lineage.sources) {
    const relation = demand.catalogue.relationByName.get(`${schema}.${table}`);
    const found = relation?.columns.find((own) => own.name === column);
    if (found) return found.typeOid;
  }
  return undefined;
}
