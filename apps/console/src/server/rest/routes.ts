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
import { listResources, saveUpstream, showResource } from "../../features/resources/index.ts";
import {
  resourceDetailSchema,
  resourceInputSchema,
  resourceListSchema,
  saveUpstreamInputSchema,
  upstreamReachSchema,
} from "../../features/resources/schemas.ts";
import { listRuns, readRun, startRun, stopRun } from "../../features/shadow/index.ts";
import {
  runDetailSchema,
  runInputSchema,
  runListSchema,
  startedRunSchema,
  startRunInputSchema,
} from "../../features/shadow/schemas.ts";
import { policyFolderRoutes } from "./policy-folder-routes.ts";
import { policyRoutes } from "./policy-routes.ts";
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
  ...policyRoutes,
  ...policyFolderRoutes,
  route({
    method: "GET",
    path: "/shadow-runs",
    permission: "records:read",
    input: noInput,
    output: runListSchema,
    run: listRuns,
  }),
  route({
    method: "GET",
    path: "/shadow-runs/:id",
    permission: "records:read",
    input: runInputSchema,
    output: runDetailSchema,
    run: readRun,
  }),
  route({
    method: "POST",
    path: "/shadow-runs",
    permission: "policies:write",
    input: startRunInputSchema,
    output: startedRunSchema,
    run: startRun,
  }),
  route({
    method: "POST",
    path: "/shadow-runs/:id/stop",
    permission: "policies:write",
    input: runInputSchema,
    output: startedRunSchema,
    run: stopRun,
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
    method: "POST",
    path: "/resources/:id/upstream",
    permission: "resources:write",
    input: saveUpstreamInputSchema,
    output: upstreamReachSchema,
    run: saveUpstream,
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
