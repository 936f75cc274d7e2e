-- What a candidate would change is known before it is published, and who stood for it is kept with the version.
ALTER TABLE "policy_version" ADD COLUMN "impactId" UUID, ADD COLUMN "approvedById" UUID;
ALTER TABLE "org"
  ADD COLUMN "flipsMax" INTEGER NOT NULL DEFAULT 100,
  ADD COLUMN "flipsMaxNext" INTEGER,
  ADD COLUMN "flipsMaxNextAt" TIMESTAMPTZ(3);

CREATE TABLE "policy_impact" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "guardrails" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "obligations" TEXT NOT NULL,
    "baseVersion" INTEGER NOT NULL,
    "anchorVersion" INTEGER NOT NULL,
    "span" TEXT NOT NULL,
    "fromAt" TIMESTAMPTZ(3) NOT NULL,
    "toAt" TIMESTAMPTZ(3) NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "seen" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "flips" INTEGER,
    "result" JSONB,
    "error" TEXT,
    "requestedById" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "beatAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "policy_impact_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "policy_impact_orgId_id_key" ON "policy_impact"("orgId", "id");
CREATE INDEX "policy_impact_orgId_digest_baseVersion_idx" ON "policy_impact"("orgId", "digest", "baseVersion");
CREATE INDEX "policy_impact_orgId_status_idx" ON "policy_impact"("orgId", "status");

CREATE TABLE "publish_request" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "guardrails" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "obligations" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "action" TEXT NOT NULL,
    "baseVersion" INTEGER NOT NULL,
    "impactId" UUID NOT NULL,
    "requesterId" UUID NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "decidedById" UUID,
    "reason" TEXT NOT NULL DEFAULT '',
    "version" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "publish_request_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "publish_request_orgId_status_idx" ON "publish_request"("orgId", "status");
CREATE INDEX "publish_request_orgId_digest_idx" ON "publish_request"("orgId", "digest");
ALTER TABLE "publish_request" ADD CONSTRAINT "publish_request_orgId_impactId_fkey"
  FOREIGN KEY ("orgId", "impactId") REFERENCES "policy_impact"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Tenancy, as for every table of an org.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['policy_impact', 'publish_request'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY org_scope ON %I USING ("orgId" = nullif(current_setting(''app.org_id'', true), '''')::uuid) '
      'WITH CHECK ("orgId" = nullif(current_setting(''app.org_id'', true), '''')::uuid)', name);
  END LOOP;
END $$;

-- What has ended is closed: a result cannot be improved afterwards, a decision cannot be taken twice.
CREATE POLICY policy_impact_open ON "policy_impact" AS RESTRICTIVE FOR UPDATE
  USING ("status" IN ('queued', 'running')) WITH CHECK (true);
CREATE POLICY publish_request_open ON "publish_request" AS RESTRICTIVE FOR UPDATE
  USING ("status" = 'waiting') WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON "policy_impact" TO sluice_app;
GRANT UPDATE ("status", "seen", "total", "flips", "result", "error", "beatAt", "endedAt") ON "policy_impact" TO sluice_app;
GRANT SELECT, INSERT ON "publish_request" TO sluice_app;
GRANT UPDATE ("status", "decidedById", "reason", "version", "decidedAt") ON "publish_request" TO sluice_app;
GRANT UPDATE ("flipsMax", "flipsMaxNext", "flipsMaxNextAt") ON "org" TO sluice_app;

-- Invariants.
ALTER TABLE "org" ADD CONSTRAINT org_flips_max CHECK (
  "flipsMax" BETWEEN 0 AND 1000000 AND ("flipsMaxNext" IS NULL) = ("flipsMaxNextAt" IS NULL)
  AND coalesce("flipsMaxNext", 0) BETWEEN 0 AND 1000000);
ALTER TABLE "policy_impact" ADD CONSTRAINT policy_impact_digest CHECK ("digest" ~ '^[0-9a-f]{64}$');
ALTER TABLE "policy_impact" ADD CONSTRAINT policy_impact_span CHECK ("span" IN ('hour', 'day', 'week', 'custom') AND "toAt" > "fromAt");
ALTER TABLE "policy_impact" ADD CONSTRAINT policy_impact_status CHECK ("status" IN ('queued', 'running', 'done', 'cancelled', 'failed'));
ALTER TABLE "policy_impact" ADD CONSTRAINT policy_impact_done CHECK (
  "status" <> 'done' OR ("flips" IS NOT NULL AND "result" IS NOT NULL AND "endedAt" IS NOT NULL));
ALTER TABLE "publish_request" ADD CONSTRAINT publish_request_digest CHECK ("digest" ~ '^[0-9a-f]{64}$');
ALTER TABLE "publish_request" ADD CONSTRAINT publish_request_action CHECK ("action" IN ('policy.publish', 'policy.rollback'));
ALTER TABLE "publish_request" ADD CONSTRAINT publish_request_status CHECK ("status" IN ('waiting', 'approved', 'refused', 'withdrawn', 'expired'));
ALTER TABLE "publish_request" ADD CONSTRAINT publish_request_decided CHECK (("status" = 'waiting') = ("decidedAt" IS NULL));
ALTER TABLE "publish_request" ADD CONSTRAINT publish_request_version CHECK (("status" = 'approved') = ("version" IS NOT NULL));
-- Never oneself, whatever the application thinks.
ALTER TABLE "publish_request" ADD CONSTRAINT publish_request_second_person CHECK ("decidedById" <> "requesterId");
ALTER TABLE "policy_version" ADD CONSTRAINT policy_version_second_person CHECK ("approvedById" <> "authorId");
-- Of one text only one request waits at a time.
CREATE UNIQUE INDEX publish_request_waiting ON "publish_request" ("orgId", "digest") WHERE "status" = 'waiting';
