export { type ErrorFields, errorFields } from "./error-fields.ts";
export { configureLogs, type Logger, type LogLevel, logger } from "./logger.ts";
export { REDACTED_FIELDS } from "./redact.ts";
export { sparingly } from "./sparingly.ts";
