import type { UpFile } from "@sluice/infra/dev/up-file";
import { z } from "zod";
import { eventually } from "./control-data.ts";

const approvalSchema = z.object({
  id: z.string(),
  status: z.string(),
  statement: z.string(),
  mayDecide: z.boolean(),
  whyNot: z.string().nullable(),
});
const detailSchema = approvalSchema.extend({ digest: z.string() });

/** What the REST API answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the REST API with a person's token out of up.json. */
export async function callApi(
  file: UpFile,
  who: string,
  method: string,
  path: string,
  input?: unknown,
): Promise<ApiAnswer> {
  const response = await fetch(`${file.apiUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${file.people[who]?.apiToken ?? ""}`,
      ...(input === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

/**
 * The approval that waits for a statement with this text, as that person sees it: what waits for
 * anyone, or what is their own.
 */
export async function waitingApproval(file: UpFile, who: string, text: string, view: "waiting" | "mine" = "waiting") {
  const pageSchema = z.object({ items: z.array(approvalSchema) });
  const waiting = await eventually(
    async () => pageSchema.parse((await callApi(file, who, "GET", `/approvals?view=${view}`)).body).items,
    (items) => items.some(({ statement }) => statement.includes(text)),
  );
  const found = waiting.find(({ statement }) => statement.includes(text));
  const detail = await callApi(file, who, "GET", `/approvals/${found?.id ?? ""}`);
  return detailSchema.parse(detail.body);
}

/** Decides it as that person. */
export function decide(
  file: UpFile,
  who: string,
  approval: { readonly id: string; readonly digest: string },
  choice: { readonly approved: boolean; readonly reason: string },
): Promise<ApiAnswer> {
  return callApi(file, who, "POST", `/approvals/${approval.id}/decide`, { digest: approval.digest, ...choice });
}
