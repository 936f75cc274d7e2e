export { type CatalogueQuery, type CatalogueRows, catalogueFingerprint, catalogueFrom, loadCatalogue } from "./load.ts";
