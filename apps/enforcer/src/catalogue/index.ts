export {
  type CatalogueRows,
  catalogueFingerprint,
  catalogueFrom,
  loadCatalogue,
  loadWithinTransaction,
  readCatalogueRows,
} from "./load.ts";
