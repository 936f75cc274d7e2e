import type { Catalogue, CatalogueRelation } from "../facts.ts";

const childrenOfCatalogue = new WeakMap<Catalogue, ReadonlyMap<string, readonly CatalogueRelation[]>>();

/** The partitions and inheritance children of a relation, at every depth. */
export function childrenOfRelation(catalogue: Catalogue, relation: CatalogueRelation): readonly CatalogueRelation[] {
  return childrenByParent(catalogue).get(`${relation.schema}.${relation.name}`) ?? [];
}

function childrenByParent(catalogue: Catalogue): ReadonlyMap<string, readonly CatalogueRelation[]> {
  const known = childrenOfCatalogue.get(catalogue);
  if (known) return known;
  const children = new Map<string, CatalogueRelation[]>();
  for (const relation of catalogue.relations) {
    for (const parent of relation.parents ?? []) {
      const list = children.get(parent);
      if (list) list.push(relation);
      else children.set(parent, [relation]);
    }
  }
  childrenOfCatalogue.set(catalogue, children);
  return children;
}
