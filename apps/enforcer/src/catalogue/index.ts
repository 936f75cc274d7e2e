export {
  type CatalogueRows,
  catalogueFingerprint,
  catalogueFrom,
  loadCatalogue,
  readCatalogueRows,
} from "./load.ts";
