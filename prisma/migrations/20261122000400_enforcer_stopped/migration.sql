-- An enforcer whose spool is full, whose disk fails or whose lease ended refuses new work: the console says so and why.
ALTER TABLE "enforcer" ADD COLUMN "stoppedReason" TEXT;
