-- What somebody does to the system that is of no copy (a message thrown away, a job called off, a scan put aside) stands in
-- their own trail.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- As migration 0027 has it, with one more action of people.
CREATE OR REPLACE FUNCTION grading.grading_events_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
DECLARE
    trail record;
    of_person boolean := false;
BEGIN
    SELECT version, ev_seq, ev_head INTO trail
        FROM grading.copies WHERE id = NEW.copy_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        SELECT 0::bigint AS version, ev_seq, ev_head INTO trail
            FROM grading.users WHERE id = NEW.copy_id FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'an event belongs to a copy or a person'
                USING ERRCODE = '23503', CONSTRAINT = 'grading_events_copy_fkey';
        END IF;
        of_person := true;
    END IF;
    IF of_person <> (NEW.action IN (
        'ADD_USER', 'CHANGE_USER', 'INVITE_USER', 'SET_PASSWORD', 'ERASE_USER', 'RESTORE_USER', 'OPERATE'
    )) THEN
        RAISE EXCEPTION 'this does not happen to whoever the trail is of'
            USING ERRCODE = '23514', CONSTRAINT = 'grading_events_subject_fits';
    END IF;
    NEW.seq := trail.ev_seq + 1;
    NEW.at := clock_timestamp();
    NEW.copy_version := trail.version;
    NEW.prev := trail.ev_head;
    NEW.hash := sha256(
        convert_to('korrigo.audit.v1', 'UTF8') || '\x00'::bytea
        || NEW.prev
        || uuid_send(NEW.copy_id)
        || int8send(NEW.seq)
        || grading.audit_text(NEW.action)
        || grading.audit_text(NEW.actor_kind)
        || uuid_send(NEW.actor_id)
        || uuid_send(NEW.operation_id)
        || int8send((extract(epoch FROM NEW.at) * 1000000)::bigint)
        || grading.audit_text(NEW.metadata::text)
    );
    IF of_person THEN
        UPDATE grading.users SET ev_seq = NEW.seq, ev_head = NEW.hash WHERE id = NEW.copy_id;
    ELSE
        UPDATE grading.copies SET ev_seq = NEW.seq, ev_head = NEW.hash WHERE id = NEW.copy_id;
    END IF;
    RETURN NEW;
END
$$;

-- Only what is new is added to the two rules, as in migration 0027. They are wider than before, so that no event breaks them.
DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := replace(actions, '''RESTORE_USER''::text', '''RESTORE_USER''::text, ''OPERATE''::text');
    wanted_metadata text := replace(metadata, 'CASE action', $rule$CASE action
        WHEN 'OPERATE'::text THEN
            metadata - ARRAY['act', 'on'] = '{}'
            AND metadata ?& ARRAY['act', 'on']
            AND metadata ->> 'act' IN (
                'discard_letter', 'retry_job', 'cancel_job', 'discard_batch', 'erase_batch', 'erase_pupil', 'sweep_blobs',
                'end_blocker', 'begin_anew'
            )
            AND jsonb_typeof(metadata -> 'on') IN ('string', 'null')
            AND (metadata ->> 'on' ~ '^[0-9a-f-]{36}$') IS NOT FALSE$rule$);
BEGIN
    IF wanted_actions = actions OR wanted_metadata = metadata THEN
        RAISE EXCEPTION 'the rules about events are not the expected ones';
    END IF;
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_action_known '
        || replace(wanted_actions, ' NOT VALID', '') || ' NOT VALID, ADD CONSTRAINT grading_events_metadata_closed '
        || replace(wanted_metadata, ' NOT VALID', '') || ' NOT VALID';
END
$$;
