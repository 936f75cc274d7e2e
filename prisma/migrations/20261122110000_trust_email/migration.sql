-- Some identity providers (Entra ID) never say that they verified an e-mail address: an admin says so for them, or nobody
-- is let in by it.
ALTER TABLE "identity_connection" ADD COLUMN "trustsEmail" BOOLEAN NOT NULL DEFAULT false;
