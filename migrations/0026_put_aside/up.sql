-- Copies that were put aside are looked for when a pupil is forgotten. They are few.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- A large school makes it before, by hand and CONCURRENTLY.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS copies_put_aside ON grading.copies (id) WHERE discarded AND NOT erased;

-- What migrations 0014 to 0023 have asked of new rows only holds for all.
ALTER TABLE grading.pages VALIDATE CONSTRAINT pages_identity_whole;
ALTER TABLE grading.pages VALIDATE CONSTRAINT pages_identity_digest_length;
ALTER TABLE grading.pages VALIDATE CONSTRAINT pages_identity_format_known;
ALTER TABLE grading.copies VALIDATE CONSTRAINT copies_corrector_fkey;
ALTER TABLE grading.booklets VALIDATE CONSTRAINT booklets_position_counts_up;
ALTER TABLE grading.pages VALIDATE CONSTRAINT pages_index_range;
ALTER TABLE grading.jobs VALIDATE CONSTRAINT jobs_kind_known;
ALTER TABLE grading.jobs VALIDATE CONSTRAINT jobs_failure_known;
ALTER TABLE grading.grading_events VALIDATE CONSTRAINT grading_events_metadata_closed;
