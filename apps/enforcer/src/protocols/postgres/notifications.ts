import { bodyOf } from "./codec/decode.ts";
import * as encode from "./codec/encode.ts";
import type { SessionCore } from "./session-core.ts";

const PAYLOAD_WITHHELD = "the payload is withheld by Sluice: it may carry masked values";
/** What is judged for each payload, so that a policy or class that came after LISTEN counts. */
const LISTENING = "LISTEN sluice";

/**
 * Passes the upstream's current NotificationResponse. Triggers and functions write payloads, and nothing tells from which
 * columns: whoever has anything hidden on this resource, or may not listen now, is told the channel alone.
 */
export function passNotification(core: SessionCore): void {
  const { reader } = core.upstreamView;
  const judgement = core.gate.judge(LISTENING, core.talk);
  if (judgement instanceof Promise) core.stallFor(judgement, () => undefined);
  else if (judgement.kind === "allow" && !judgement.readsHidden) return core.toClient.pass(reader);
  const body = bodyOf(reader.buffer, reader.start, reader.end);
  const processId = body.int32();
  core.toClient.append(encode.notification(processId, body.string(), PAYLOAD_WITHHELD));
}
