-- Archives: the corrected documents of a release in one file, made by a worker and kept for a while.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- An archive is about an exam, not about a copy or a batch. It goes before its job does, so the job says which exam.
ALTER TABLE grading.jobs ADD COLUMN exam_id uuid;

DO $$
DECLARE
    kinds text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.jobs'::regclass AND conname = 'jobs_kind_known';
    things text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.jobs'::regclass AND conname = 'jobs_about_one_thing';
    wanted_kinds text := replace(kinds, '''SPLIT_BATCH''::text', '''SPLIT_BATCH''::text, ''MAKE_ARCHIVE''::text');
    wanted_things text := replace(things, 'CASE kind', $rule$CASE kind
        WHEN 'MAKE_ARCHIVE'::text THEN copy_id IS NULL AND batch_id IS NULL$rule$);
BEGIN
    IF wanted_kinds = kinds OR wanted_things = things THEN
        RAISE EXCEPTION 'the rules about jobs are not the expected ones';
    END IF;
    ALTER TABLE grading.jobs
        DROP CONSTRAINT jobs_kind_known,
        DROP CONSTRAINT jobs_about_one_thing;
    EXECUTE 'ALTER TABLE grading.jobs ADD CONSTRAINT jobs_kind_known ' || wanted_kinds
        || ', ADD CONSTRAINT jobs_about_one_thing ' || wanted_things
        || ', ADD CONSTRAINT jobs_of_exam CHECK ((kind = ''MAKE_ARCHIVE'') = (exam_id IS NOT NULL))'
        || ', ADD CONSTRAINT jobs_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT';
END
$$;

CREATE TABLE grading.archives (
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    release_id uuid NOT NULL,
    job_id uuid NOT NULL,
    -- Empty until it is made.
    digest bytea,
    size bigint,
    copies bigint,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT archives_pkey PRIMARY KEY (id),
    -- Whoever asks again while there is one gets that one.
    CONSTRAINT archives_exam_once UNIQUE (exam_id),
    CONSTRAINT archives_job_once UNIQUE (job_id),
    CONSTRAINT archives_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT,
    CONSTRAINT archives_release_fkey FOREIGN KEY (release_id) REFERENCES grading.releases (id) ON DELETE RESTRICT,
    CONSTRAINT archives_job_fkey FOREIGN KEY (job_id) REFERENCES grading.jobs (id) ON DELETE RESTRICT,
    CONSTRAINT archives_made_whole CHECK (num_nulls(digest, size, copies, expires_at) IN (0, 4)),
    CONSTRAINT archives_digest_length CHECK (octet_length(digest) = 32),
    CONSTRAINT archives_not_empty CHECK (size > 0),
    CONSTRAINT archives_copies_count_up CHECK (copies >= 0)
);

-- The sweeper of blobs asks whether a digest is still needed.
CREATE INDEX archives_by_digest ON grading.archives (digest);

GRANT INSERT (exam_id) ON grading.jobs TO korrigo_app;
GRANT SELECT, DELETE ON grading.archives TO korrigo_app;
GRANT INSERT (id, exam_id, release_id, job_id) ON grading.archives TO korrigo_app;
GRANT UPDATE (digest, size, copies, expires_at) ON grading.archives TO korrigo_app;
GRANT SELECT ON grading.archives TO korrigo_read;
