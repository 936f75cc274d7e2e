-- What keeps tenants apart and history unchanged, held by the database and not by the application.

-- Roles. They belong to the cluster, so another database may have made them already.
-- sluice_app: the application. The bootstrap gives it a login and a password; here it only gets rights.
-- sluice_lookup: owns the few functions that must find an org before there is a scope; nobody logs in as it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sluice_app') THEN
    CREATE ROLE sluice_app NOLOGIN NOBYPASSRLS NOINHERIT;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sluice_lookup') THEN
    CREATE ROLE sluice_lookup NOLOGIN NOBYPASSRLS NOINHERIT;
    EXECUTE format('GRANT sluice_lookup TO %I', current_user);
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- The scope. Without one (or with an empty one) the setting is null, which equals nothing.
ALTER TABLE "org" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "org" FORCE ROW LEVEL SECURITY;
CREATE POLICY org_scope ON "org"
  USING ("id" = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK ("id" = nullif(current_setting('app.org_id', true), '')::uuid);

DO $$
DECLARE name text;
BEGIN
  FOR name IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'orgId'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY org_scope ON %I USING ("orgId" = nullif(current_setting(''app.org_id'', true), '''')::uuid) '
      'WITH CHECK ("orgId" = nullif(current_setting(''app.org_id'', true), '''')::uuid)', name);
  END LOOP;
END $$;

-- A completed record is closed: only one that still runs can be updated at all.
CREATE POLICY record_open ON "record" AS RESTRICTIVE FOR UPDATE USING ("outcomeSeq" IS NULL);

-- Rights: what is not granted here cannot be done. Handles are immutable and never reused, so people and agents are
-- never deleted; policies, bundles, decisions, certificates and the ledger are only ever added to.
GRANT USAGE ON SCHEMA public TO sluice_app, sluice_lookup;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO sluice_app;
REVOKE ALL ON "_prisma_migrations" FROM sluice_app;
GRANT UPDATE ("name") ON "org" TO sluice_app;
GRANT INSERT, UPDATE ("name") ON "site" TO sluice_app;
GRANT INSERT, UPDATE ("retiredAt") ON "signing_key" TO sluice_app;
GRANT UPDATE ("seq", "head") ON "change_head" TO sluice_app;
GRANT INSERT, UPDATE ("email", "name", "role", "status", "lockedAt", "issuer", "subject", "lastSeenAt") ON "member" TO sluice_app;
GRANT INSERT, UPDATE ("name", "model", "status", "lockedAt", "onBehalfOfId") ON "agent" TO sluice_app;
GRANT INSERT, UPDATE ("name"), DELETE ON "principal_group" TO sluice_app;
GRANT INSERT, DELETE ON "group_member" TO sluice_app;
GRANT INSERT, UPDATE, DELETE ON "identity_connection" TO sluice_app;
GRANT INSERT, UPDATE ("expiresAt"), DELETE ON "auth_session" TO sluice_app;
GRANT INSERT, UPDATE ("revokedAt"), DELETE ON "api_token" TO sluice_app;
GRANT INSERT, UPDATE ("revokedAt") ON "access_token" TO sluice_app;
GRANT INSERT, UPDATE, DELETE ON "resource", "data_class", "column_class", "workflow" TO sluice_app;
GRANT INSERT, UPDATE ON "enforcer" TO sluice_app;
GRANT INSERT, UPDATE ("usedAt"), DELETE ON "enrol_token" TO sluice_app;
GRANT INSERT ON "enforcer_certificate", "policy_version", "bundle", "approval_decision", "chain_head" TO sluice_app;
GRANT INSERT, UPDATE ("status", "reason", "decidedAt") ON "approval" TO sluice_app;
GRANT INSERT, UPDATE ("revokedAt", "endsAt") ON "access_grant" TO sluice_app;
GRANT INSERT, UPDATE ("outcomeSeq", "outcome", "status", "verdict", "reason", "approvalId", "rows", "bytes", "maskedCells", "durationUs", "error")
  ON "record" TO sluice_app;

-- Invariants.
ALTER TABLE "org" ADD CONSTRAINT org_slug_form CHECK ("slug" ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$');
ALTER TABLE "group_member" ADD CONSTRAINT group_member_one CHECK (num_nonnulls("memberId", "agentId") = 1);
ALTER TABLE "member" ADD CONSTRAINT member_role CHECK ("role" IN ('admin', 'editor', 'approver', 'auditor', 'engineer'));
ALTER TABLE "member" ADD CONSTRAINT member_status CHECK ("status" IN ('active', 'removed'));
ALTER TABLE "member" ADD CONSTRAINT member_handle CHECK ("handle" ~ '^[a-z0-9][a-z0-9._-]{0,62}$');
ALTER TABLE "agent" ADD CONSTRAINT agent_status CHECK ("status" IN ('active', 'removed'));
ALTER TABLE "agent" ADD CONSTRAINT agent_handle CHECK ("handle" ~ '^[a-z0-9][a-z0-9._-]{0,62}$');
ALTER TABLE "signing_key" ADD CONSTRAINT signing_key_purpose CHECK ("purpose" IN ('ca', 'bundle', 'token', 'mask'));
CREATE UNIQUE INDEX signing_key_current ON "signing_key" ("orgId", "purpose") WHERE "retiredAt" IS NULL;
ALTER TABLE "data_class" ADD CONSTRAINT data_class_strategy CHECK ("strategy" IN ('redact', 'partial', 'hmac', 'null'));
ALTER TABLE "enforcer" ADD CONSTRAINT enforcer_status CHECK ("status" IN ('pending', 'online', 'offline', 'banned'));
ALTER TABLE "enforcer" ADD CONSTRAINT enforcer_acked CHECK ("ackedSeq" >= 0);
ALTER TABLE "enrol_token" ADD CONSTRAINT enrol_token_short CHECK ("expiresAt" <= "createdAt" + interval '15 minutes');
ALTER TABLE "access_token" ADD CONSTRAINT access_token_short CHECK ("expiresAt" <= "issuedAt" + interval '24 hours');
ALTER TABLE "access_token" ADD CONSTRAINT access_token_principal CHECK ("principalType" IN ('User', 'Agent'));
ALTER TABLE "access_grant" ADD CONSTRAINT access_grant_span CHECK ("endsAt" > "startsAt");
ALTER TABLE "access_grant" ADD CONSTRAINT access_grant_principal CHECK ("principalType" IN ('User', 'Agent'));
ALTER TABLE "approval" ADD CONSTRAINT approval_digest CHECK ("digest" ~ '^[0-9a-f]{64}$');
ALTER TABLE "approval" ADD CONSTRAINT approval_status CHECK ("status" IN ('waiting', 'approved', 'refused', 'expired', 'withdrawn'));
ALTER TABLE "approval" ADD CONSTRAINT approval_decided CHECK (("status" = 'waiting') = ("decidedAt" IS NULL));
ALTER TABLE "approval" ADD CONSTRAINT approval_principal CHECK ("principalType" IN ('User', 'Agent'));
ALTER TABLE "workflow" ADD CONSTRAINT workflow_timeout CHECK ("timeoutS" BETWEEN 1 AND 86400);
ALTER TABLE "record" ADD CONSTRAINT record_kind CHECK ("kind" IN ('exchange', 'session', 'change'));
ALTER TABLE "record" ADD CONSTRAINT record_verdict CHECK ("verdict" IN ('allow', 'mask', 'ask', 'deny'));
ALTER TABLE "record" ADD CONSTRAINT record_status CHECK ("status" IN ('running', 'ok', 'refused', 'error', 'aborted'));
ALTER TABLE "record" ADD CONSTRAINT record_seq CHECK ("seq" > 0);
ALTER TABLE "chain_head" ADD CONSTRAINT chain_head_span CHECK ("firstSeq" > 0 AND "lastSeq" >= "firstSeq");
ALTER TABLE "bundle" ADD CONSTRAINT bundle_digest CHECK ("digest" ~ '^[0-9a-f]{64}$' AND "version" > 0);

-- The ledger cannot be rewritten, by its owner either: not by accident, and not without leaving a trace in the schema.
CREATE FUNCTION sluice_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER chain_head_append_only BEFORE UPDATE OR DELETE ON "chain_head"
  FOR EACH ROW EXECUTE FUNCTION sluice_refuse_change();

-- Partitions. Rows are reached through "record" only: nothing is granted on a partition, and without a policy of its own
-- row-level security shows nothing of it to anybody but its owner.
CREATE TABLE "record_default" PARTITION OF "record" DEFAULT;
ALTER TABLE "record_default" ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON "record_default" FROM sluice_app;

-- Makes the partitions of this month and `months_ahead` more; rows that had to wait in the default partition move along.
CREATE FUNCTION sluice_prepare_record_partitions(months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  first_day date;
  part text;
  since text;
  until text;
  made integer := 0;
BEGIN
  IF months_ahead NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'months_ahead must be between 0 and 24';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('sluice_record_partitions'));
  FOR ahead IN 0..months_ahead LOOP
    first_day := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => ahead))::date;
    part := 'record_' || to_char(first_day, 'YYYY_MM');
    CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
    since := to_char(first_day, 'YYYY-MM-DD') || ' 00:00:00+00';
    until := to_char(first_day + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
    EXECUTE format('CREATE TABLE public.%I (LIKE public.record INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('REVOKE ALL ON public.%I FROM sluice_app', part);
    EXECUTE format(
      'WITH moved AS (DELETE FROM public.record_default WHERE "at" >= %L AND "at" < %L RETURNING *) '
      'INSERT INTO public.%I SELECT * FROM moved', since, until, part);
    EXECUTE format('ALTER TABLE public.record ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', part, since, until);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;
REVOKE ALL ON FUNCTION sluice_prepare_record_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sluice_prepare_record_partitions(integer) TO sluice_app;
SELECT sluice_prepare_record_partitions(2);

-- Lookups before there is a scope. They answer with ids only, and only for one exact slug, hash or id (or all org ids).
GRANT SELECT ("id", "slug") ON "org" TO sluice_lookup;
GRANT SELECT ("id", "orgId", "tokenHash") ON "auth_session", "api_token", "enrol_token" TO sluice_lookup;
GRANT SELECT ("id", "orgId") ON "enforcer" TO sluice_lookup;
CREATE POLICY lookup ON "org" FOR SELECT TO sluice_lookup USING (true);
CREATE POLICY lookup ON "auth_session" FOR SELECT TO sluice_lookup USING (true);
CREATE POLICY lookup ON "api_token" FOR SELECT TO sluice_lookup USING (true);
CREATE POLICY lookup ON "enrol_token" FOR SELECT TO sluice_lookup USING (true);
CREATE POLICY lookup ON "enforcer" FOR SELECT TO sluice_lookup USING (true);

CREATE FUNCTION sluice_org_by_slug(wanted text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
RETURN (SELECT "id" FROM public."org" WHERE "slug" = wanted);
CREATE FUNCTION sluice_org_ids() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC SELECT "id" FROM public."org" ORDER BY "id"; END;
CREATE FUNCTION sluice_auth_session_by_hash(wanted bytea) RETURNS TABLE (org_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC SELECT t."orgId", t."id" FROM public."auth_session" t WHERE t."tokenHash" = wanted; END;
CREATE FUNCTION sluice_api_token_by_hash(wanted bytea) RETURNS TABLE (org_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC SELECT t."orgId", t."id" FROM public."api_token" t WHERE t."tokenHash" = wanted; END;
CREATE FUNCTION sluice_enrol_token_by_hash(wanted bytea) RETURNS TABLE (org_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC SELECT t."orgId", t."id" FROM public."enrol_token" t WHERE t."tokenHash" = wanted; END;
CREATE FUNCTION sluice_org_of_enforcer(wanted uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
RETURN (SELECT "orgId" FROM public."enforcer" WHERE "id" = wanted);

DO $$
DECLARE lookup regprocedure;
BEGIN
  GRANT CREATE ON SCHEMA public TO sluice_lookup;
  FOREACH lookup IN ARRAY ARRAY[
    'sluice_org_by_slug(text)', 'sluice_org_ids()', 'sluice_auth_session_by_hash(bytea)',
    'sluice_api_token_by_hash(bytea)', 'sluice_enrol_token_by_hash(bytea)', 'sluice_org_of_enforcer(uuid)'
  ]::regprocedure[] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', lookup);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO sluice_app', lookup);
    EXECUTE format('ALTER FUNCTION %s OWNER TO sluice_lookup', lookup);
  END LOOP;
  REVOKE CREATE ON SCHEMA public FROM sluice_lookup;
END $$;
