import { isUniqueViolation } from "@sluice/db";
import { err, newId, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import type { z } from "zod";
import { changeActor } from "../../../../server/change-actor.ts";
import type { Deps } from "../../../../server/deps.ts";
import { refusable } from "../../../../server/refusable.ts";
import { conflict, notFound } from "../../../../server/refusals.ts";
import type { OrgScope } from "../../../../server/scope.ts";
import type { Answer } from "../../../../server/use-case.ts";
import { changeOrg } from "../../../bundles/index.ts";
import type { openRequestInputSchema, PublishRequestView } from "../../request-schemas.ts";
import { holdDraft } from "../drafts/hold-draft.ts";
import { readNewestVersion } from "../impact/read-versions.ts";
import { wantedText } from "../publish-policies.ts";
import { wantedRollback } from "../roll-back-policies.ts";
import { checkWanted, type WantedVersion } from "../store-version.ts";
import { readRequest } from "./read-requests.ts";
import { REQUEST_MS } from "./request-rules.ts";

/** Requests of one org that wait at once. */
const WAITING_MAX = 50;

/**
 * Asks for a second person: stores exactly these texts with the version they replace and their effect, which is computed
 * here when it is not known. Refuses what could not be published by anybody, and a text that somebody asked for already.
 */
export async function openRequest(
  deps: Deps,
  scope: OrgScope,
  input: z.infer<typeof openRequestInputSchema>,
): Answer<PublishRequestView> {
  const wanted = await wantedOf(scope, input);
  return wanted.ok ? openWanted(deps, scope, wanted.value) : wanted;
}

/** Asks for a second person for a wanted version, wherever it comes from. */
export async function openWanted(deps: Deps, scope: OrgScope, wanted: WantedVersion): Answer<PublishRequestView> {
  const { action, draft = null, note, texts } = wanted;
  const checked = await checkWanted(deps, scope, wanted);
  if (!checked.ok) return checked;
  const { impact, tests, testsFailed, testsOverride } = checked.value;
  const { baseVersion, digest, flips, id: impactId } = impact;
  const nowMs = deps.clock.now();
  const id = newId(nowMs);
  const opened = refusable((refuse) =>
    changeOrg(deps, scope.data, changeActor(scope), async (tx, notes) => {
      if ((await readNewestVersion(tx)) !== baseVersion) refuse(conflict("Another version was published meanwhile."));
      const waiting = await tx.publishRequest.count({ where: { status: "waiting" } });
      if (waiting >= WAITING_MAX) refuse(tooMany());
      if (draft !== null && !(await holdDraft(tx, draft))) refuse(conflict(`Draft ${draft} was discarded.`));
      const candidate = { ...texts, digest, tests, testsFailed, testsOverride, draft };
      const row = { ...candidate, id, orgId: scope.org.id, note, action, baseVersion };
      const times = { createdAt: new Date(nowMs), expiresAt: new Date(nowMs + REQUEST_MS) };
      await tx.publishRequest.create({ data: { ...row, ...times, impactId, requesterId: scope.actor.memberId } });
      const about = {
        ...(draft === null ? {} : { draft }),
        ...(testsFailed === 0 ? {} : { testsFailed, testsOverride }),
      };
      const after = { status: "waiting", action, digest, baseVersion, impactId, flips, note, ...about };
      notes.record({ action: "publish_request.create", target: `PublishRequest::"${id}"`, after });
    }),
  );
  try {
    const stored = await opened;
    return stored.ok ? await readRequest(deps, scope, { id }) : stored;
  } catch (error) {
    if (isUniqueViolation(error)) return err(conflict("Exactly this text waits for a second person already."));
    throw error;
  }
}

async function wantedOf(
  scope: OrgScope,
  input: z.infer<typeof openRequestInputSchema>,
): Promise<Result<WantedVersion, TaggedError>> {
  if ("sets" in input) return wantedText(input);
  const wanted = await wantedRollback(scope, input);
  return wanted ? ok(wanted) : err(notFound("policy version"));
}

function tooMany(): TaggedError {
  const text = `${WAITING_MAX} publishes wait already: decide or withdraw some first.`;
  return taggedError("request.too_many", text, { retry: "later" });
}
