-- The part of the first page that says who wrote a copy, as an image of its own: who identifies copies sees no more than
-- that. Pages of before have none.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.pages
    ADD COLUMN identity_digest bytea,
    ADD COLUMN identity_format text,
    ADD CONSTRAINT pages_identity_whole CHECK (num_nulls(identity_digest, identity_format) IN (0, 2)) NOT VALID,
    ADD CONSTRAINT pages_identity_digest_length CHECK (octet_length(identity_digest) = 32) NOT VALID,
    ADD CONSTRAINT pages_identity_format_known CHECK (identity_format IN ('image/jpeg', 'image/png')) NOT VALID;
-- No page has one yet; a transaction cannot make an index while others write.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX pages_by_identity ON grading.pages (identity_digest) WHERE identity_digest IS NOT NULL;
