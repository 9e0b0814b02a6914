SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Copies stay; how they came is forgotten. While booklets of one scan look alike this cannot be undone: the index below
-- says so, and nothing has changed then.
DELETE FROM grading.outbox USING grading.jobs WHERE jobs.id = outbox.job_id AND jobs.batch_id IS NOT NULL;
DELETE FROM grading.jobs WHERE batch_id IS NOT NULL;
DROP INDEX grading.jobs_of_batch;
ALTER TABLE grading.jobs
    DROP CONSTRAINT jobs_about_one_thing,
    DROP CONSTRAINT jobs_kind_known,
    ADD CONSTRAINT jobs_kind_known CHECK (kind IN ('IMPORT_COPY', 'FINALIZE_COPY')),
    DROP COLUMN batch_id,
    ALTER COLUMN copy_id SET NOT NULL;

DROP TABLE grading.batch_anomalies;
DROP TABLE grading.batch_pieces;
DROP TRIGGER booklets_batch_guard ON grading.booklets;
DROP FUNCTION grading.batch_parts_guard();

DROP INDEX grading.booklets_source_once;
ALTER TABLE grading.booklets
    DROP COLUMN batch_id,
    DROP COLUMN batch_position;
CREATE UNIQUE INDEX booklets_source_once ON grading.booklets (exam_id, source_digest) WHERE NOT discarded;

DROP TABLE grading.batches;
DROP FUNCTION grading.batches_conserve();
DROP FUNCTION grading.batches_guard();

-- Folded sheets have two pages side by side as well.
UPDATE grading.exams SET layout = 'A3' WHERE layout = 'A3_FOLDED';
ALTER TABLE grading.exams
    DROP CONSTRAINT exams_layout_known,
    ADD CONSTRAINT exams_layout_known CHECK (layout IN ('A4', 'A3'));
