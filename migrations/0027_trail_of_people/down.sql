-- Refused while a person has a trail: nothing is taken out of a trail.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := regexp_replace(replace(actions, ' NOT VALID', ''), '''ADD_USER''::text.*(?=''ERASE''::text)', '');
    wanted_metadata text := regexp_replace(replace(metadata, ' NOT VALID', ''),
        'WHEN ''ADD_USER''::text THEN .*(?=WHEN ''ERASE''::text THEN)', '');
BEGIN
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_copy_fkey'
        || ' FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT'
        || ', ADD CONSTRAINT grading_events_action_known ' || wanted_actions
        || ', ADD CONSTRAINT grading_events_metadata_closed ' || wanted_metadata;
END
$$;

DROP TRIGGER users_keep_their_trail ON grading.users;
DROP TRIGGER copies_keep_their_trail ON grading.copies;
DROP FUNCTION grading.trails_keep_their_subject();

-- As migration 0005 had it.
CREATE OR REPLACE FUNCTION grading.grading_events_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
DECLARE
    trail record;
BEGIN
    SELECT version, ev_seq, ev_head INTO trail
        FROM grading.copies WHERE id = NEW.copy_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an event belongs to a copy'
            USING ERRCODE = '23503', CONSTRAINT = 'grading_events_copy_fkey';
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
    UPDATE grading.copies SET ev_seq = NEW.seq, ev_head = NEW.hash WHERE id = NEW.copy_id;
    RETURN NEW;
END
$$;

DROP TRIGGER users_trail_end ON grading.users;
DROP FUNCTION grading.users_trail_end();
DROP TRIGGER users_trail_guard ON grading.users;
DROP FUNCTION grading.users_trail_guard();

ALTER TABLE grading.users
    DROP COLUMN ev_head,
    DROP COLUMN ev_seq;
