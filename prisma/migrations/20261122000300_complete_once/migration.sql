-- The row that completing leaves behind is closed, and may be: only the row before it must be open.
DROP POLICY record_open ON "record";
CREATE POLICY record_open ON "record" AS RESTRICTIVE FOR UPDATE
  USING ("outcomeSeq" IS NULL AND "status" = 'running') WITH CHECK (true);
