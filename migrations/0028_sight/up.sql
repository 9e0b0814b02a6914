-- What operators look at: which trace a job belongs to, also when its messages are forgotten; which scans that could not be
-- taken apart somebody has put aside; and indexes, so that looking reads no whole table.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- The span that caused it, as its first message has it. Jobs of before have none.
ALTER TABLE grading.jobs
    ADD COLUMN traceparent text,
    ADD CONSTRAINT jobs_traceparent_form
        CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$') NOT VALID;
GRANT INSERT (traceparent) ON grading.jobs TO korrigo_app;

ALTER TABLE grading.batches ADD COLUMN discarded boolean NOT NULL DEFAULT false;
GRANT UPDATE (discarded) ON grading.batches TO korrigo_app;

-- As migration 0018 has it. Also, who has looked at a scan that could not be taken apart puts it aside.
CREATE OR REPLACE FUNCTION grading.batches_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.status <> 'PENDING' THEN
        IF to_jsonb(NEW) - 'erased' = to_jsonb(OLD) - 'erased' AND NEW.erased THEN
            RETURN NEW;
        END IF;
        IF to_jsonb(NEW) - 'discarded' = to_jsonb(OLD) - 'discarded' AND NEW.discarded THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an ended batch does not change' USING ERRCODE = '23514', CONSTRAINT = 'batches_end';
    END IF;
    NEW.ended_at := clock_timestamp();
    RETURN NEW;
END
$$;

-- A large school makes these before, by hand and CONCURRENTLY.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS jobs_of_request ON grading.jobs (request_id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS jobs_by_age ON grading.jobs (created_at, id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS jobs_not_done ON grading.jobs (state, created_at, id) WHERE state <> 'SUCCEEDED';
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS copies_failed ON grading.copies (updated_at, id)
    WHERE NOT discarded AND (failure IS NOT NULL OR status = 'GRADING_FAILED');
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS copies_in_work ON grading.copies (updated_at, id)
    WHERE NOT discarded AND failure IS NULL
        AND (status = 'GRADING_IN_PROGRESS' OR (status = 'STAGING' AND page_count IS NULL));
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX IF NOT EXISTS batches_failed ON grading.batches (id) WHERE status = 'FAILED' AND NOT discarded AND NOT erased;
