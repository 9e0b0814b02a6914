-- The images are made again by no import: they are lost, and the page as a whole is shown instead.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP INDEX grading.pages_by_identity;
ALTER TABLE grading.pages
    DROP CONSTRAINT pages_identity_format_known,
    DROP CONSTRAINT pages_identity_digest_length,
    DROP CONSTRAINT pages_identity_whole,
    DROP COLUMN identity_format,
    DROP COLUMN identity_digest;
