-- A version is its three texts and their tests, which must pass when it is published or be overridden with a reason. A draft
-- can be discarded, and what was published or asked for says which draft it came from.
ALTER TABLE "policy_version"
  ADD COLUMN "tests" TEXT NOT NULL DEFAULT '{"entities":[],"suites":{}}',
  ADD COLUMN "draft" INTEGER,
  ADD COLUMN "testsFailed" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "testsOverride" TEXT;
ALTER TABLE "publish_request"
  ADD COLUMN "tests" TEXT NOT NULL DEFAULT '{"entities":[],"suites":{}}',
  ADD COLUMN "draft" INTEGER,
  ADD COLUMN "testsFailed" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "testsOverride" TEXT;
ALTER TABLE "policy_draft" ADD COLUMN "discardedById" UUID, ADD COLUMN "discardedAt" TIMESTAMPTZ(3);

-- Until now a version had the tests of the newest draft with its texts, else those of the nearest version before that has any.
-- Row-level security is forced on the owner too: it steps aside for this statement only.
ALTER TABLE "policy_version" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "policy_draft" NO FORCE ROW LEVEL SECURITY;
UPDATE "policy_version" now SET "tests" = coalesce((
  SELECT d."tests" FROM "policy_version" v
  JOIN "policy_draft" d ON d."orgId" = v."orgId" AND d."guardrails" = v."guardrails" AND d."access" = v."access"
    AND d."obligations" = v."obligations"
  WHERE v."orgId" = now."orgId" AND v."version" <= now."version"
  ORDER BY v."version" DESC, d."number" DESC LIMIT 1), now."tests");
ALTER TABLE "policy_version" FORCE ROW LEVEL SECURITY;
ALTER TABLE "policy_draft" FORCE ROW LEVEL SECURITY;

-- A draft is discarded once; nothing else of it changes.
CREATE POLICY policy_draft_open ON "policy_draft" AS RESTRICTIVE FOR UPDATE
  USING ("discardedAt" IS NULL) WITH CHECK (true);
GRANT UPDATE ("discardedById", "discardedAt") ON "policy_draft" TO sluice_app;

-- Invariants: what was published with failing tests says why.
ALTER TABLE "policy_version" ADD CONSTRAINT policy_version_tests CHECK (
  "testsFailed" >= 0 AND ("testsFailed" > 0) = ("testsOverride" IS NOT NULL) AND btrim("testsOverride") <> '');
ALTER TABLE "publish_request" ADD CONSTRAINT publish_request_tests CHECK (
  "testsFailed" >= 0 AND ("testsFailed" > 0) = ("testsOverride" IS NOT NULL) AND btrim("testsOverride") <> '');
