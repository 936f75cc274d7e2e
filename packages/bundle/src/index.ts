export { BUNDLE_FORMAT, type BundleContent, type BundleResource, bundleContentSchema, maskStrategySchema, resourceSchema } from "./content.ts";
