import {
  draftInputSchema,
  draftListSchema,
  draftSchema,
  exportedSchema,
  exportInputSchema,
  importedSchema,
  importInputSchema,
  publishDraftInputSchema,
  publishedDraftSchema,
  testedSchema,
  testInputSchema,
} from "../../features/policies/draft-schemas.ts";
import {
  exportPolicies,
  importPolicies,
  listDrafts,
  publishDraft,
  readDraft,
  testPolicies,
} from "../../features/policies/index.ts";
import { noInput, type RestRoute, route } from "./route.ts";

/** Policies as files: what `sluice policy export | import | publish` ask. */
export const policyFolderRoutes: readonly RestRoute[] = [
  route({
    method: "GET",
    path: "/policies/export",
    permission: "policies:read",
    input: exportInputSchema,
    output: exportedSchema,
    numbers: ["version"],
    run: exportPolicies,
  }),
  route({
    method: "POST",
    path: "/policies/import",
    permission: "policies:write",
    input: importInputSchema,
    output: importedSchema,
    run: importPolicies,
  }),
  route({
    method: "POST",
    path: "/policies/test",
    permission: "policies:read",
    input: testInputSchema,
    output: testedSchema,
    run: testPolicies,
  }),
  route({
    method: "GET",
    path: "/policies/drafts",
    permission: "policies:read",
    input: noInput,
    output: draftListSchema,
    run: listDrafts,
  }),
  route({
    method: "GET",
    path: "/policies/drafts/:number",
    permission: "policies:read",
    input: draftInputSchema,
    output: draftSchema,
    numbers: ["number"],
    run: readDraft,
  }),
  route({
    method: "POST",
    path: "/policies/drafts/:number/publish",
    permission: "policies:write",
    input: publishDraftInputSchema,
    output: publishedDraftSchema,
    numbers: ["number"],
    run: publishDraft,
  }),
];
