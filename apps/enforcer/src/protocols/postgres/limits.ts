/** Bounds of one session, from the resource. */
export interface SessionLimits {
  readonly statementBytesMax: number;
  readonly frameBytesMax: number;
}
