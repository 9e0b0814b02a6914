-- Refused while a copy is erased: its pages do not come back.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := replace(actions, '''ERASE''::text, ', '');
    wanted_metadata text := regexp_replace(metadata, 'WHEN ''ERASE''::text THEN .*?(?=WHEN )', '');
BEGIN
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_action_known ' || wanted_actions
        || ', ADD CONSTRAINT grading_events_metadata_closed ' || wanted_metadata;
END
$$;

REVOKE UPDATE (login, login_normalized) ON grading.users FROM korrigo_app;
REVOKE UPDATE (reason) ON grading.change_sets FROM korrigo_app;

-- As migration 0015 had it.
CREATE OR REPLACE VIEW grading.copy_correctors AS
    SELECT copies.id AS copy_id, exam_correctors.user_id
    FROM grading.copies JOIN grading.exam_correctors ON exam_correctors.exam_id = copies.exam_id
    WHERE copies.corrector_id = exam_correctors.user_id
        OR NOT EXISTS (
            SELECT FROM grading.copies AS other
            WHERE other.exam_id = copies.exam_id AND other.corrector_id IS NOT NULL AND NOT other.discarded
        )
        OR EXISTS (
            SELECT FROM grading.locks
            WHERE locks.copy_id = copies.id AND locks.owner_id = exam_correctors.user_id
        );

CREATE OR REPLACE FUNCTION grading.batches_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.status <> 'PENDING' THEN
        RAISE EXCEPTION 'an ended batch does not change' USING ERRCODE = '23514', CONSTRAINT = 'batches_end';
    END IF;
    NEW.ended_at := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION grading.corrections_need_a_lock() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
DECLARE
    corrected uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.copy_id ELSE NEW.copy_id END;
BEGIN
    IF NOT EXISTS (SELECT FROM grading.copies WHERE id = corrected AND status = 'LOCKED') THEN
        RAISE EXCEPTION 'only a locked copy is corrected'
            USING ERRCODE = '23514', CONSTRAINT = 'corrections_need_a_lock';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION grading.copies_correcting_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.discarded AND NEW.version <> OLD.version THEN
        RAISE EXCEPTION 'a discarded copy does not change'
            USING ERRCODE = '23514', CONSTRAINT = 'copies_discarded_stays';
    END IF;
    IF NEW.lock_fence < OLD.lock_fence OR (NEW.status = 'LOCKED' AND OLD.status <> 'LOCKED'
        AND NEW.lock_fence = OLD.lock_fence)
    THEN
        RAISE EXCEPTION 'a lock has a new fence' USING ERRCODE = '23514', CONSTRAINT = 'copies_lock_fence';
    END IF;
    RETURN NEW;
END
$$;

ALTER TABLE grading.batches DROP COLUMN erased;
ALTER TABLE grading.copies DROP COLUMN erased;
