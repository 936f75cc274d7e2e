import { create } from "@bufbuild/protobuf";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Db, OrgTx } from "@sluice/db";
import { err, ok, type Result, type TaggedError, taggedError } from "@sluice/kernel";
import {
  type EnrolRequest,
  EnrolResponseSchema,
  FetchBundleResponseSchema,
  type FetchShadowRequest,
  FetchShadowResponseSchema,
  type RecoverRequest,
  type RenewRequest,
  RenewResponseSchema,
} from "@sluice/proto";
import { z } from "zod";
import { enrolEnforcer } from "../../features/enforcers/server/enrol-enforcer.ts";
import { type EnforcerIdentity, identifyEnforcer } from "../../features/enforcers/server/identify-enforcer.ts";
import { recoverCertificate, renewCertificate } from "../../features/enforcers/server/renew-certificate.ts";
import type { Deps } from "../deps.ts";
import { unary } from "./unary.ts";

/** What the services need. */
export interface ServiceParts {
  readonly db: Db;
  readonly deps: Deps;
  /** called when a certificate was issued, whose authority may be new to this process */
  readonly authoritiesMayHaveChanged: () => Promise<void>;
}

/** Enrolment: the caller has no certificate (or an ended one) and proves itself otherwise. */
export function enrolmentService({ db, deps, authoritiesMayHaveChanged }: ServiceParts): UntypedServiceImplementation {
  return {
    enrol: unary("enrol", async (request: EnrolRequest) => {
      const enrolled = await enrolEnforcer(db, deps, request);
      if (!enrolled.ok) return enrolled;
      await authoritiesMayHaveChanged();
      const { orgId, siteId, enforcerId, bundleKey, certificate, authorityDer: caDer } = enrolled.value;
      const answer = { orgId, siteId, enforcerId, bundleKey, certificateDer: certificate.der, caDer };
      return ok(create(EnrolResponseSchema, answer));
    }),
    recover: unary("recover", async (request: RecoverRequest) => {
      const certified = await recoverCertificate(db, deps, request);
      return certified.ok ? ok(renewed(certified.value)) : certified;
    }),
  };
}

/** The calls beside the stream that need a proven enforcer. */
export function enforcerCalls({ db, deps }: ServiceParts): UntypedServiceImplementation {
  const proven = async <T>(
    peer: Uint8Array | undefined,
    work: (identity: EnforcerIdentity) => Promise<Result<T, TaggedError>>,
  ): Promise<Result<T, TaggedError>> => {
    const identity = await identifyEnforcer(db, peer, deps.clock.now());
    return identity.ok ? work(identity.value) : identity;
  };
  return {
    fetchBundle: unary("fetchBundle", (_request, peer) =>
      proven(peer, async ({ orgId, siteId }) => {
        const bundle = await db.withOrg(orgId, (tx) =>
          tx.bundle.findFirst({ where: { siteId }, orderBy: { version: "desc" }, select: { envelope: true } }),
        );
        if (!bundle) return err(taggedError("bundle.none", "This site has no bundle yet."));
        return ok(create(FetchBundleResponseSchema, { envelope: bundle.envelope }));
      }),
    ),
    fetchShadow: unary("fetchShadow", (request: FetchShadowRequest, peer) =>
      proven(peer, async ({ orgId, siteId }) => {
        const part = await db.withOrg(orgId, (tx) => findShadowPart(tx, siteId, request.runId, deps.clock.now()));
        if (!part) return err(taggedError("shadow.none", "No candidate of that run is to be run now."));
        return ok(create(FetchShadowResponseSchema, { envelope: part.envelope }));
      }),
    ),
    renew: unary("renew", (request: RenewRequest, peer) =>
      proven(peer, async (identity) => {
        const certified = await renewCertificate(db, deps, identity, request.csrDer);
        return certified.ok ? ok(renewed(certified.value)) : certified;
      }),
    ),
  };
}

async function findShadowPart(tx: OrgTx, siteId: string, runId: string, nowMs: number) {
  if (!z.uuid().safeParse(runId).success) return null;
  return tx.shadowPart.findFirst({
    where: { runId, siteId, run: { stoppedAt: null, endsAt: { gt: new Date(nowMs) } } },
    select: { envelope: true },
  });
}

function renewed(certified: { readonly certificate: { readonly der: Uint8Array }; readonly authorityDer: Uint8Array }) {
  const { certificate, authorityDer: caDer } = certified;
  return create(RenewResponseSchema, { certificateDer: certificate.der, caDer });
}
