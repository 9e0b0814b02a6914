-- Archives can be made again.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP TABLE grading.archives;
DELETE FROM grading.outbox USING grading.jobs WHERE jobs.id = outbox.job_id AND jobs.kind = 'MAKE_ARCHIVE';
DELETE FROM grading.jobs WHERE kind = 'MAKE_ARCHIVE';

DO $$
DECLARE
    kinds text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.jobs'::regclass AND conname = 'jobs_kind_known';
    things text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.jobs'::regclass AND conname = 'jobs_about_one_thing';
    wanted_kinds text := replace(kinds, ', ''MAKE_ARCHIVE''::text', '');
    wanted_things text := regexp_replace(things, 'WHEN ''MAKE_ARCHIVE''::text THEN .*?(?=WHEN )', '');
BEGIN
    ALTER TABLE grading.jobs
        DROP CONSTRAINT jobs_of_exam,
        DROP CONSTRAINT jobs_kind_known,
        DROP CONSTRAINT jobs_about_one_thing,
        DROP COLUMN exam_id;
    EXECUTE 'ALTER TABLE grading.jobs ADD CONSTRAINT jobs_kind_known ' || wanted_kinds
        || ', ADD CONSTRAINT jobs_about_one_thing ' || wanted_things;
END
$$;
