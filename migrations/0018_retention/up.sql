-- What is kept no longer: the pages and words of a copy go, the copy, its score and its trail stay.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.copies ADD COLUMN erased boolean NOT NULL DEFAULT false;
-- A scan of many copies shows all of them. Once it is taken apart nobody needs it.
ALTER TABLE grading.batches ADD COLUMN erased boolean NOT NULL DEFAULT false;

GRANT UPDATE (erased) ON grading.copies, grading.batches TO korrigo_app;

-- A copy that was put aside stays there, and an old lock stays powerless. Both end where a copy is erased, and what is
-- erased does not change any more.
CREATE OR REPLACE FUNCTION grading.copies_correcting_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.erased AND NEW.version <> OLD.version THEN
        RAISE EXCEPTION 'an erased copy does not change'
            USING ERRCODE = '23514', CONSTRAINT = 'copies_erased_stays';
    END IF;
    IF OLD.discarded AND NEW.version <> OLD.version AND NOT NEW.erased THEN
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

-- What is on a copy changes while somebody has its lock, and goes when the copy is erased.
CREATE OR REPLACE FUNCTION grading.corrections_need_a_lock() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
DECLARE
    corrected uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.copy_id ELSE NEW.copy_id END;
BEGIN
    IF NOT EXISTS (
        SELECT FROM grading.copies
        WHERE id = corrected AND (status = 'LOCKED' OR (erased AND TG_OP = 'DELETE'))
    ) THEN
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

-- As migration 0015 has it: an erased copy was given to nobody.
CREATE OR REPLACE VIEW grading.copy_correctors AS
    SELECT copies.id AS copy_id, exam_correctors.user_id
    FROM grading.copies JOIN grading.exam_correctors ON exam_correctors.exam_id = copies.exam_id
    WHERE copies.corrector_id = exam_correctors.user_id
        OR NOT EXISTS (
            SELECT FROM grading.copies AS other
            WHERE other.exam_id = copies.exam_id AND other.corrector_id IS NOT NULL
                AND NOT other.discarded AND NOT other.erased
        )
        OR EXISTS (
            SELECT FROM grading.locks
            WHERE locks.copy_id = copies.id AND locks.owner_id = exam_correctors.user_id
        );

-- The words of a change of scores can be forgotten.
GRANT UPDATE (reason) ON grading.change_sets TO korrigo_app;

-- The login of somebody who is erased is free again.
GRANT UPDATE (login, login_normalized) ON grading.users TO korrigo_app;

DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := replace(actions, 'ARRAY[''IDENTIFY''::text',
        'ARRAY[''ERASE''::text, ''IDENTIFY''::text');
    wanted_metadata text := replace(metadata, 'CASE action', $rule$CASE action
        WHEN 'ERASE'::text THEN
            metadata - ARRAY['cause'] = '{}'
            AND metadata ? 'cause'
            AND metadata ->> 'cause' IN ('pupil', 'retention')$rule$);
BEGIN
    IF wanted_actions = actions OR wanted_metadata = metadata THEN
        RAISE EXCEPTION 'the rules about events are not the expected ones';
    END IF;
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_action_known ' || wanted_actions
        || ', ADD CONSTRAINT grading_events_metadata_closed ' || wanted_metadata;
END
$$;
