/** The upstream broke the protocol: nothing that follows can be trusted, so the session ends. */
export class UpstreamViolation extends Error {
  override readonly name = "UpstreamViolation";
}
