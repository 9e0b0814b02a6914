-- What a machine read where pupils write who they are: apart from the copies, and gone when it is known whose they are.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.identity_readings (
    copy_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    reading text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT identity_readings_pkey PRIMARY KEY (copy_id),
    CONSTRAINT identity_readings_copy_fkey FOREIGN KEY (exam_id, copy_id)
        REFERENCES grading.copies (exam_id, id) ON DELETE RESTRICT,
    CONSTRAINT identity_readings_length CHECK (octet_length(reading) <= 4096)
);
CREATE INDEX identity_readings_of_exam ON grading.identity_readings (exam_id);

GRANT SELECT, DELETE ON grading.identity_readings TO korrigo_app;
GRANT INSERT (copy_id, exam_id, reading) ON grading.identity_readings TO korrigo_app;
-- Diagnosis sees that something was read, and not what.
GRANT SELECT (copy_id, exam_id, created_at) ON grading.identity_readings TO korrigo_read;

-- Each rule comes back in the same statement, wider than before: no row breaks it.
ALTER TABLE grading.jobs
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT jobs_kind_known,
    ADD CONSTRAINT jobs_kind_known CHECK (
        kind IN ('IMPORT_COPY', 'FINALIZE_COPY', 'SPLIT_BATCH', 'READ_IDENTITY')
    ) NOT VALID,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT jobs_failure_known,
    ADD CONSTRAINT jobs_failure_known CHECK (
        failure IN (
            'timeout', 'invalid_pdf', 'encrypted_pdf', 'too_many_pages', 'page_too_large', 'empty_result', 'unknown',
            'ocr_unavailable', 'ocr_timeout', 'ocr_failed'
        )
    ) NOT VALID;
-- Two who ask at once get one job. No job is of this kind yet; a transaction cannot make an index while others write.
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX jobs_one_reading ON grading.jobs (copy_id)
    WHERE kind = 'READ_IDENTITY' AND state IN ('QUEUED', 'RUNNING');
