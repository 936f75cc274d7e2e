-- Which bundle an enforcer refused and since when, and what it can do.
ALTER TABLE "enforcer"
  ADD COLUMN "refusedVersion" INTEGER,
  ADD COLUMN "refusedCode" TEXT,
  ADD COLUMN "refusedAt" TIMESTAMPTZ(3),
  ADD COLUMN "capabilities" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];

-- Candidates that run beside the policies in force.
CREATE TABLE "shadow_run" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "guardrails" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "obligations" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "baseVersion" INTEGER NOT NULL,
    "authorId" UUID NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "stoppedAt" TIMESTAMPTZ(3),
    "stoppedById" UUID,

    CONSTRAINT "shadow_run_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "shadow_run_orgId_id_key" ON "shadow_run"("orgId", "id");
CREATE UNIQUE INDEX "shadow_run_orgId_number_key" ON "shadow_run"("orgId", "number");

CREATE TABLE "shadow_part" (
    "orgId" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "siteId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "envelope" BYTEA NOT NULL,

    CONSTRAINT "shadow_part_pkey" PRIMARY KEY ("orgId", "runId", "siteId")
);
ALTER TABLE "shadow_part" ADD CONSTRAINT "shadow_part_orgId_runId_fkey"
  FOREIGN KEY ("orgId", "runId") REFERENCES "shadow_run"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "shadow_report" (
    "orgId" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "enforcerId" UUID NOT NULL,
    "instance" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reasonCode" TEXT NOT NULL DEFAULT '',
    "reason" TEXT NOT NULL DEFAULT '',
    "decided" BIGINT NOT NULL,
    "repeated" BIGINT NOT NULL,
    "dropped" BIGINT NOT NULL,
    "unreplayable" BIGINT NOT NULL,
    "failed" BIGINT NOT NULL,
    "flips" BIGINT NOT NULL,
    "ungrouped" BIGINT NOT NULL,
    "candidateUs" BIGINT NOT NULL,
    "groups" JSONB NOT NULL,
    "firstAt" TIMESTAMPTZ(3) NOT NULL,
    "reportedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "shadow_report_pkey" PRIMARY KEY ("orgId", "runId", "enforcerId", "instance")
);
ALTER TABLE "shadow_report" ADD CONSTRAINT "shadow_report_orgId_runId_fkey"
  FOREIGN KEY ("orgId", "runId") REFERENCES "shadow_run"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Tenancy, as for every table of an org.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['shadow_run', 'shadow_part', 'shadow_report'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY org_scope ON %I USING ("orgId" = nullif(current_setting(''app.org_id'', true), '''')::uuid) '
      'WITH CHECK ("orgId" = nullif(current_setting(''app.org_id'', true), '''')::uuid)', name);
  END LOOP;
END $$;

-- A run is stopped once and never started again; what was signed stays as it was signed.
CREATE POLICY shadow_run_open ON "shadow_run" AS RESTRICTIVE FOR UPDATE USING ("stoppedAt" IS NULL) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ("stoppedAt", "stoppedById") ON "shadow_run" TO sluice_app;
GRANT SELECT, INSERT ON "shadow_part" TO sluice_app;
GRANT SELECT, INSERT, UPDATE ("state", "reasonCode", "reason", "decided", "repeated", "dropped", "unreplayable", "failed",
  "flips", "ungrouped", "candidateUs", "groups", "reportedAt") ON "shadow_report" TO sluice_app;

-- Invariants.
ALTER TABLE "shadow_run" ADD CONSTRAINT shadow_run_number CHECK ("number" > 0);
ALTER TABLE "shadow_run" ADD CONSTRAINT shadow_run_span CHECK (
  "endsAt" > "startedAt" AND "endsAt" <= "startedAt" + interval '24 hours');
ALTER TABLE "shadow_part" ADD CONSTRAINT shadow_part_digest CHECK ("digest" ~ '^[0-9a-f]{64}$');
ALTER TABLE "shadow_report" ADD CONSTRAINT shadow_report_state CHECK (
  "state" IN ('loading', 'running', 'ended', 'stopped', 'refused', 'failed'));
