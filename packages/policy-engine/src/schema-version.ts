/** The version of the shipped sluice.cedarschema; a bundle names the one that its policies were checked against. */
export const SCHEMA_VERSION = 2;

/**
 * The versions whose policies this engine decides as their authors meant them. 1 was SQL alone; 2 adds the other protocols
 * and changes no word of 1. Any other version is refused by whoever loads a bundle.
 */
export const schemaVersionsRead: ReadonlySet<number> = new Set([1, SCHEMA_VERSION]);
