-- Refused while jobs of this kind are there: the record of work is not thrown away.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP INDEX grading.jobs_one_reading;
ALTER TABLE grading.jobs
    DROP CONSTRAINT jobs_failure_known,
    ADD CONSTRAINT jobs_failure_known CHECK (
        failure IN (
            'timeout', 'invalid_pdf', 'encrypted_pdf', 'too_many_pages', 'page_too_large', 'empty_result', 'unknown'
        )
    ),
    DROP CONSTRAINT jobs_kind_known,
    ADD CONSTRAINT jobs_kind_known CHECK (kind IN ('IMPORT_COPY', 'FINALIZE_COPY', 'SPLIT_BATCH'));
DROP TABLE grading.identity_readings;
