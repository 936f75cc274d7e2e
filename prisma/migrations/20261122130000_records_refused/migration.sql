-- Records that cannot join the ledger have a state of their own: a refused bundle, or a ban, is something else.
ALTER TABLE "enforcer" ADD COLUMN "recordsRefusedReason" TEXT;
ALTER TABLE "enforcer" ADD COLUMN "recordsRefusedAt" TIMESTAMPTZ(3);
