-- As prisma/schema describes it (npm run diff -w @sluice/db); by hand: record is partitioned by month.

-- CreateTable
CREATE TABLE "workflow" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "steps" JSONB NOT NULL,
    "timeoutS" INTEGER NOT NULL DEFAULT 300,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workflow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "approval" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "siteId" UUID NOT NULL,
    "enforcerId" UUID NOT NULL,
    "exchangeId" UUID NOT NULL,
    "resourceId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "workflows" TEXT[],
    "subject" JSONB NOT NULL,
    "principalType" TEXT NOT NULL,
    "principalId" UUID NOT NULL,
    "requesterId" UUID,
    "status" TEXT NOT NULL DEFAULT 'waiting',
    "reason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "approval_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "approval_decision" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "approvalId" UUID NOT NULL,
    "memberId" UUID NOT NULL,
    "approved" BOOLEAN NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approval_decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_grant" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "principalType" TEXT NOT NULL,
    "principalId" UUID NOT NULL,
    "resourceId" UUID NOT NULL,
    "actions" TEXT[],
    "reason" TEXT NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),
    "createdById" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "access_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "record" (
    "orgId" UUID NOT NULL,
    "enforcerId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "sessionId" UUID,
    "siteId" UUID,
    "resourceId" UUID,
    "resourceName" TEXT,
    "principalType" TEXT NOT NULL,
    "principalId" TEXT NOT NULL,
    "principalName" TEXT NOT NULL,
    "onBehalfOf" TEXT,
    "verdict" TEXT NOT NULL,
    "actions" TEXT[],
    "objects" TEXT[],
    "classes" TEXT[],
    "policies" TEXT[],
    "reason" TEXT,
    "statement" TEXT,
    "statementDigest" TEXT,
    "approvalId" UUID,
    "bundleVersion" INTEGER,
    "outcomeSeq" BIGINT,
    "status" TEXT NOT NULL DEFAULT 'running',
    "rows" BIGINT,
    "bytes" BIGINT,
    "maskedCells" BIGINT,
    "durationUs" BIGINT,
    "error" TEXT,
    "body" JSONB NOT NULL,
    "outcome" JSONB,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "record_pkey" PRIMARY KEY ("orgId","enforcerId","seq","at")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "chain_head" (
    "orgId" UUID NOT NULL,
    "enforcerId" UUID NOT NULL,
    "lastSeq" BIGINT NOT NULL,
    "firstSeq" BIGINT NOT NULL,
    "previous" BYTEA NOT NULL,
    "head" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "payload" BYTEA,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "chain_head_pkey" PRIMARY KEY ("orgId","enforcerId","lastSeq")
);

-- CreateTable
CREATE TABLE "member" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "lockedAt" TIMESTAMPTZ(3),
    "issuer" TEXT,
    "subject" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSeenAt" TIMESTAMPTZ(3),

    CONSTRAINT "member_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "principal_group" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "source" TEXT NOT NULL DEFAULT 'console',

    CONSTRAINT "principal_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "group_member" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "groupId" UUID NOT NULL,
    "memberId" UUID,
    "agentId" UUID,

    CONSTRAINT "group_member_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "model" TEXT,
    "status" TEXT NOT NULL DEFAULT 'active',
    "lockedAt" TIMESTAMPTZ(3),
    "onBehalfOfId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identity_connection" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'oidc',
    "name" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "sealedSecret" BYTEA NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identity_connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_session" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "memberId" UUID NOT NULL,
    "tokenHash" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "auth_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "memberId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "tokenHash" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_token" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "siteId" UUID NOT NULL,
    "principalType" TEXT NOT NULL,
    "principalId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "issuedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "siteId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "tags" JSONB NOT NULL DEFAULT '{}',
    "config" JSONB NOT NULL,
    "catalogue" JSONB,
    "catalogueAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "resource_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "data_class" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "strategy" TEXT NOT NULL,

    CONSTRAINT "data_class_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "column_class" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "resourceId" UUID NOT NULL,
    "dataClassId" UUID NOT NULL,
    "schemaName" TEXT NOT NULL,
    "tableName" TEXT NOT NULL,
    "columnName" TEXT NOT NULL,

    CONSTRAINT "column_class_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "enforcer" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "siteId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "version" TEXT,
    "hostname" TEXT,
    "certificateSerial" TEXT,
    "certificateEndsAt" TIMESTAMPTZ(3),
    "desiredVersion" INTEGER,
    "appliedVersion" INTEGER,
    "appliedDigest" TEXT,
    "appliedAt" TIMESTAMPTZ(3),
    "refusedReason" TEXT,
    "ackedSeq" BIGINT NOT NULL DEFAULT 0,
    "chainHead" BYTEA,
    "lastSeenAt" TIMESTAMPTZ(3),
    "sessions" INTEGER NOT NULL DEFAULT 0,
    "spoolBytes" BIGINT NOT NULL DEFAULT 0,
    "listeners" JSONB NOT NULL DEFAULT '[]',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "enforcer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "enrol_token" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "siteId" UUID NOT NULL,
    "enforcerId" UUID NOT NULL,
    "tokenHash" BYTEA NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "enrol_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "enforcer_certificate" (
    "orgId" UUID NOT NULL,
    "serial" TEXT NOT NULL,
    "enforcerId" UUID NOT NULL,
    "publicKey" BYTEA NOT NULL,
    "notBefore" TIMESTAMPTZ(3) NOT NULL,
    "notAfter" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "enforcer_certificate_pkey" PRIMARY KEY ("orgId","serial")
);

-- CreateTable
CREATE TABLE "org" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "org_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "site" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "site_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "algorithm" TEXT NOT NULL,
    "publicKey" BYTEA NOT NULL,
    "certificate" BYTEA,
    "sealedPrivate" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retiredAt" TIMESTAMPTZ(3),

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "change_head" (
    "orgId" UUID NOT NULL,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "head" BYTEA NOT NULL,

    CONSTRAINT "change_head_pkey" PRIMARY KEY ("orgId")
);

-- CreateTable
CREATE TABLE "policy_version" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "guardrails" TEXT NOT NULL,
    "access" TEXT NOT NULL,
    "obligations" TEXT NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "authorId" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "policy_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bundle" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "siteId" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "envelope" BYTEA NOT NULL,
    "policyVersion" INTEGER NOT NULL,
    "cause" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bundle_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "workflow_orgId_name_key" ON "workflow"("orgId", "name");

-- CreateIndex
CREATE INDEX "approval_orgId_status_createdAt_idx" ON "approval"("orgId", "status", "createdAt");

-- CreateIndex
CREATE INDEX "approval_orgId_enforcerId_status_idx" ON "approval"("orgId", "enforcerId", "status");

-- CreateIndex
CREATE UNIQUE INDEX "approval_orgId_id_key" ON "approval"("orgId", "id");

-- CreateIndex
CREATE INDEX "approval_decision_orgId_approvalId_idx" ON "approval_decision"("orgId", "approvalId");

-- CreateIndex
CREATE UNIQUE INDEX "approval_decision_approvalId_memberId_key" ON "approval_decision"("approvalId", "memberId");

-- CreateIndex
CREATE INDEX "access_grant_orgId_principalId_idx" ON "access_grant"("orgId", "principalId");

-- CreateIndex
CREATE INDEX "record_orgId_at_idx" ON "record"("orgId", "at" DESC);

-- CreateIndex
CREATE INDEX "record_orgId_id_idx" ON "record"("orgId", "id");

-- CreateIndex
CREATE INDEX "record_orgId_principalId_at_idx" ON "record"("orgId", "principalId", "at" DESC);

-- CreateIndex
CREATE INDEX "record_orgId_sessionId_idx" ON "record"("orgId", "sessionId");

-- CreateIndex
CREATE UNIQUE INDEX "member_orgId_id_key" ON "member"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "member_orgId_handle_key" ON "member"("orgId", "handle");

-- CreateIndex
CREATE UNIQUE INDEX "member_orgId_email_key" ON "member"("orgId", "email");

-- CreateIndex
CREATE UNIQUE INDEX "principal_group_orgId_id_key" ON "principal_group"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "principal_group_orgId_name_key" ON "principal_group"("orgId", "name");

-- CreateIndex
CREATE INDEX "group_member_orgId_groupId_idx" ON "group_member"("orgId", "groupId");

-- CreateIndex
CREATE UNIQUE INDEX "group_member_groupId_memberId_key" ON "group_member"("groupId", "memberId");

-- CreateIndex
CREATE UNIQUE INDEX "group_member_groupId_agentId_key" ON "group_member"("groupId", "agentId");

-- CreateIndex
CREATE UNIQUE INDEX "agent_orgId_id_key" ON "agent"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "agent_orgId_handle_key" ON "agent"("orgId", "handle");

-- CreateIndex
CREATE UNIQUE INDEX "identity_connection_orgId_issuer_key" ON "identity_connection"("orgId", "issuer");

-- CreateIndex
CREATE UNIQUE INDEX "auth_session_tokenHash_key" ON "auth_session"("tokenHash");

-- CreateIndex
CREATE INDEX "auth_session_orgId_memberId_idx" ON "auth_session"("orgId", "memberId");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_tokenHash_key" ON "api_token"("tokenHash");

-- CreateIndex
CREATE INDEX "api_token_orgId_memberId_idx" ON "api_token"("orgId", "memberId");

-- CreateIndex
CREATE INDEX "access_token_orgId_principalId_idx" ON "access_token"("orgId", "principalId");

-- CreateIndex
CREATE UNIQUE INDEX "resource_orgId_id_key" ON "resource"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "resource_orgId_name_key" ON "resource"("orgId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "data_class_orgId_id_key" ON "data_class"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "data_class_orgId_name_key" ON "data_class"("orgId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "column_class_orgId_resourceId_schemaName_tableName_columnNa_key" ON "column_class"("orgId", "resourceId", "schemaName", "tableName", "columnName", "dataClassId");

-- CreateIndex
CREATE UNIQUE INDEX "enforcer_orgId_id_key" ON "enforcer"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "enforcer_orgId_siteId_name_key" ON "enforcer"("orgId", "siteId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "enrol_token_tokenHash_key" ON "enrol_token"("tokenHash");

-- CreateIndex
CREATE INDEX "enrol_token_orgId_idx" ON "enrol_token"("orgId");

-- CreateIndex
CREATE INDEX "enforcer_certificate_orgId_enforcerId_idx" ON "enforcer_certificate"("orgId", "enforcerId");

-- CreateIndex
CREATE UNIQUE INDEX "org_slug_key" ON "org"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "site_orgId_slug_key" ON "site"("orgId", "slug");

-- CreateIndex
CREATE UNIQUE INDEX "site_orgId_id_key" ON "site"("orgId", "id");

-- CreateIndex
CREATE INDEX "signing_key_orgId_purpose_idx" ON "signing_key"("orgId", "purpose");

-- CreateIndex
CREATE UNIQUE INDEX "policy_version_orgId_version_key" ON "policy_version"("orgId", "version");

-- CreateIndex
CREATE UNIQUE INDEX "bundle_orgId_siteId_version_key" ON "bundle"("orgId", "siteId", "version");

-- AddForeignKey
ALTER TABLE "approval" ADD CONSTRAINT "approval_orgId_siteId_fkey" FOREIGN KEY ("orgId", "siteId") REFERENCES "site"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval" ADD CONSTRAINT "approval_orgId_enforcerId_fkey" FOREIGN KEY ("orgId", "enforcerId") REFERENCES "enforcer"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval" ADD CONSTRAINT "approval_orgId_resourceId_fkey" FOREIGN KEY ("orgId", "resourceId") REFERENCES "resource"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_decision" ADD CONSTRAINT "approval_decision_orgId_approvalId_fkey" FOREIGN KEY ("orgId", "approvalId") REFERENCES "approval"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approval_decision" ADD CONSTRAINT "approval_decision_orgId_memberId_fkey" FOREIGN KEY ("orgId", "memberId") REFERENCES "member"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_grant" ADD CONSTRAINT "access_grant_orgId_resourceId_fkey" FOREIGN KEY ("orgId", "resourceId") REFERENCES "resource"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_member" ADD CONSTRAINT "group_member_orgId_groupId_fkey" FOREIGN KEY ("orgId", "groupId") REFERENCES "principal_group"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_member" ADD CONSTRAINT "group_member_orgId_memberId_fkey" FOREIGN KEY ("orgId", "memberId") REFERENCES "member"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_member" ADD CONSTRAINT "group_member_orgId_agentId_fkey" FOREIGN KEY ("orgId", "agentId") REFERENCES "agent"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_orgId_onBehalfOfId_fkey" FOREIGN KEY ("orgId", "onBehalfOfId") REFERENCES "member"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_session" ADD CONSTRAINT "auth_session_orgId_memberId_fkey" FOREIGN KEY ("orgId", "memberId") REFERENCES "member"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_orgId_memberId_fkey" FOREIGN KEY ("orgId", "memberId") REFERENCES "member"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_token" ADD CONSTRAINT "access_token_orgId_siteId_fkey" FOREIGN KEY ("orgId", "siteId") REFERENCES "site"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource" ADD CONSTRAINT "resource_orgId_siteId_fkey" FOREIGN KEY ("orgId", "siteId") REFERENCES "site"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "column_class" ADD CONSTRAINT "column_class_orgId_resourceId_fkey" FOREIGN KEY ("orgId", "resourceId") REFERENCES "resource"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "column_class" ADD CONSTRAINT "column_class_orgId_dataClassId_fkey" FOREIGN KEY ("orgId", "dataClassId") REFERENCES "data_class"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enforcer" ADD CONSTRAINT "enforcer_orgId_siteId_fkey" FOREIGN KEY ("orgId", "siteId") REFERENCES "site"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrol_token" ADD CONSTRAINT "enrol_token_orgId_siteId_fkey" FOREIGN KEY ("orgId", "siteId") REFERENCES "site"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enrol_token" ADD CONSTRAINT "enrol_token_orgId_enforcerId_fkey" FOREIGN KEY ("orgId", "enforcerId") REFERENCES "enforcer"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "enforcer_certificate" ADD CONSTRAINT "enforcer_certificate_orgId_enforcerId_fkey" FOREIGN KEY ("orgId", "enforcerId") REFERENCES "enforcer"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site" ADD CONSTRAINT "site_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "change_head" ADD CONSTRAINT "change_head_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "org"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bundle" ADD CONSTRAINT "bundle_orgId_siteId_fkey" FOREIGN KEY ("orgId", "siteId") REFERENCES "site"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;
