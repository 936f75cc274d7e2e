export { readRecord } from "./server/read-record.ts";
export { ROW_COLUMNS, recordRowOf, type StoredRecord } from "./server/record-row.ts";
export { also, type Where, whereOf } from "./server/record-where.ts";
export { auditRouter } from "./server/router.ts";
export { searchRecords } from "./server/search-records.ts";
