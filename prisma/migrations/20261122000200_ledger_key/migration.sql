-- The org signs the chain of its own change records with a key of its own, as enforcers do with theirs.
ALTER TABLE "signing_key" DROP CONSTRAINT signing_key_purpose;
ALTER TABLE "signing_key" ADD CONSTRAINT signing_key_purpose
  CHECK ("purpose" IN ('ca', 'bundle', 'token', 'mask', 'ledger'));

-- A record that was complete at once (refused, or a change) is closed too.
DROP POLICY record_open ON "record";
CREATE POLICY record_open ON "record" AS RESTRICTIVE FOR UPDATE USING ("outcomeSeq" IS NULL AND "status" = 'running');
