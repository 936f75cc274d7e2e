-- A set of policies that came from files, with its tests and its author. Only ever added to; publishing it makes a version.
CREATE TABLE "policy_draft" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "guardrails" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "obligations" TEXT NOT NULL,
    "tests" TEXT NOT NULL,
    "baseVersion" INTEGER NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "authorId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "policy_draft_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "policy_draft_orgId_number_key" ON "policy_draft"("orgId", "number");
CREATE INDEX "policy_draft_orgId_digest_idx" ON "policy_draft"("orgId", "digest");

-- Tenancy, as for every table of an org.
ALTER TABLE "policy_draft" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "policy_draft" FORCE ROW LEVEL SECURITY;
CREATE POLICY org_scope ON "policy_draft"
  USING ("orgId" = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK ("orgId" = nullif(current_setting('app.org_id', true), '')::uuid);

GRANT SELECT, INSERT ON "policy_draft" TO sluice_app;

-- Invariants.
ALTER TABLE "policy_draft" ADD CONSTRAINT policy_draft_number CHECK ("number" > 0 AND "baseVersion" >= 0);
ALTER TABLE "policy_draft" ADD CONSTRAINT policy_draft_digest CHECK ("digest" ~ '^[0-9a-f]{64}$');
