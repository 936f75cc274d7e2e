import { issueConnection, listOwnAccessTokens, revokeOwnAccessToken } from "../../features/access/index.ts";
import {
  accessTokenInputSchema,
  accessTokenListSchema,
  connectInputSchema,
  connectionSchema,
  revokedSchema,
} from "../../features/access/schemas.ts";
import { getApproval, listApprovals, submitDecision } from "../../features/approvals/index.ts";
import {
  approvalDetailSchema,
  approvalInputSchema,
  approvalListInputSchema,
  approvalPageSchema,
  decideInputSchema,
} from "../../features/approvals/schemas.ts";
import { readRecord, searchRecords } from "../../features/audit/index.ts";
import {
  recordDetailSchema,
  recordInputSchema,
  recordPageSchema,
  searchInputSchema,
} from "../../features/audit/schemas.ts";
import { listEnforcers, readEnforcer } from "../../features/enforcers/index.ts";
import { enforcerDetailSchema, enforcerInputSchema, enforcerListSchema } from "../../features/enforcers/schemas.ts";
import { listIdentities, readMe } from "../../features/identities/index.ts";
import { identitiesSchema, meSchema } from "../../features/identities/schemas.ts";
import { summarizeOverview } from "../../features/overview/index.ts";
import { overviewSchema } from "../../features/overview/schemas.ts";
import {
  checkPolicyText,
  listPolicyVersions,
  publishPolicies,
  readCurrentPolicies,
  readPolicyVersion,
  rollBackPolicies,
} from "../../features/policies/index.ts";
import {
  checkedSchema,
  checkInputSchema,
  policyVersionPageSchema,
  policyVersionSchema,
  publishedSchema,
  publishInputSchema,
  rollbackInputSchema,
  versionInputSchema,
} from "../../features/policies/schemas.ts";
import { listResources, showResource } from "../../features/resources/index.ts";
import { resourceDetailSchema, resourceInputSchema, resourceListSchema } from "../../features/resources/schemas.ts";
import { pageInputSchema } from "../paging.ts";
import { noInput, type RestRoute, route } from "./route.ts";

/** Every route of /api/v1. They call the use cases that tRPC calls, with the same rights and the same answers. */
export const restRoutes: readonly RestRoute[] = [
  route({ method: "GET", path: "/me", input: noInput, output: meSchema, run: readMe }),
  route({
    method: "GET",
    path: "/overview",
    permission: "overview:read",
    input: noInput,
    output: overviewSchema,
    run: summarizeOverview,
  }),
  route({
    method: "GET",
    path: "/records",
    permission: "records:own",
    input: searchInputSchema,
    output: recordPageSchema,
    numbers: ["limit"],
    lists: ["verdicts", "kinds"],
    run: searchRecords,
  }),
  route({
    method: "GET",
    path: "/records/:id",
    permission: "records:own",
    input: recordInputSchema,
    output: recordDetailSchema,
    run: readRecord,
  }),
  route({
    method: "GET",
    path: "/approvals",
    permission: "approvals:read",
    input: approvalListInputSchema,
    output: approvalPageSchema,
    numbers: ["limit"],
    run: listApprovals,
  }),
  route({
    method: "GET",
    path: "/approvals/:id",
    permission: "approvals:read",
    input: approvalInputSchema,
    output: approvalDetailSchema,
    run: getApproval,
  }),
  route({
    method: "POST",
    path: "/approvals/:id/decide",
    permission: "approvals:decide",
    input: decideInputSchema,
    output: approvalDetailSchema,
    run: submitDecision,
  }),
  route({
    method: "GET",
    path: "/policies",
    permission: "policies:read",
    input: noInput,
    output: policyVersionSchema,
    run: readCurrentPolicies,
  }),
  route({
    method: "GET",
    path: "/policies/versions",
    permission: "policies:read",
    input: pageInputSchema,
    output: policyVersionPageSchema,
    numbers: ["limit"],
    run: listPolicyVersions,
  }),
  route({
    method: "GET",
    path: "/policies/versions/:version",
    permission: "policies:read",
    input: versionInputSchema,
    output: policyVersionSchema,
    numbers: ["version"],
    run: readPolicyVersion,
  }),
  route({
    method: "POST",
    path: "/policies/check",
    permission: "policies:read",
    input: checkInputSchema,
    output: checkedSchema,
    run: checkPolicyText,
  }),
  route({
    method: "POST",
    path: "/policies/publish",
    permission: "policies:write",
    input: publishInputSchema,
    output: publishedSchema,
    run: publishPolicies,
  }),
  route({
    method: "POST",
    path: "/policies/rollback",
    permission: "policies:write",
    input: rollbackInputSchema,
    output: publishedSchema,
    run: rollBackPolicies,
  }),
  route({
    method: "GET",
    path: "/enforcers",
    permission: "enforcers:read",
    input: noInput,
    output: enforcerListSchema,
    run: listEnforcers,
  }),
  route({
    method: "GET",
    path: "/enforcers/:id",
    permission: "enforcers:read",
    input: enforcerInputSchema,
    output: enforcerDetailSchema,
    run: readEnforcer,
  }),
  route({
    method: "GET",
    path: "/resources",
    permission: "resources:read",
    input: noInput,
    output: resourceListSchema,
    run: listResources,
  }),
  route({
    method: "GET",
    path: "/resources/:id",
    permission: "resources:read",
    input: resourceInputSchema,
    output: resourceDetailSchema,
    run: showResource,
  }),
  route({
    method: "GET",
    path: "/identities",
    permission: "identities:read",
    input: noInput,
    output: identitiesSchema,
    run: listIdentities,
  }),
  route({
    method: "GET",
    path: "/access-tokens",
    permission: "access:connect",
    input: noInput,
    output: accessTokenListSchema,
    run: listOwnAccessTokens,
  }),
  route({
    method: "POST",
    path: "/access-tokens",
    permission: "access:connect",
    input: connectInputSchema,
    output: connectionSchema,
    run: issueConnection,
  }),
  route({
    method: "POST",
    path: "/access-tokens/:id/revoke",
    permission: "access:connect",
    input: accessTokenInputSchema,
    output: revokedSchema,
    run: revokeOwnAccessToken,
  }),
];
