-- Refused while a scan is put aside: programs of before would have it in their lists again.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
BEGIN
    IF EXISTS (SELECT FROM grading.batches WHERE discarded) THEN
        RAISE EXCEPTION 'there are scans that were put aside';
    END IF;
END
$$;

DROP INDEX grading.batches_failed;
DROP INDEX grading.copies_in_work;
DROP INDEX grading.copies_failed;
DROP INDEX grading.jobs_not_done;
DROP INDEX grading.jobs_by_age;
DROP INDEX grading.jobs_of_request;

CREATE OR REPLACE FUNCTION grading.batches_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.status <> 'PENDING' THEN
        IF to_jsonb(NEW) - 'erased' = to_jsonb(OLD) - 'erased' AND NEW.erased THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an ended batch does not change' USING ERRCODE = '23514', CONSTRAINT = 'batches_end';
    END IF;
    NEW.ended_at := clock_timestamp();
    RETURN NEW;
END
$$;

ALTER TABLE grading.batches DROP COLUMN discarded;
ALTER TABLE grading.jobs
    DROP CONSTRAINT jobs_traceparent_form,
    DROP COLUMN traceparent;
