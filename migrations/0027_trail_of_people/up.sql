-- People have a trail as copies have one: in the same table and the same tree, and chained the same way. Where a copy's id
-- stands (`copy_id` of grading_events, audit_pending and audit_leaves), the person's does. Ids are UUIDs, so the two never meet.
--
-- Programs of before write people without events, and go on: the database refuses no change of a person that has none.
-- `audit reconcile` tells where what a person is differs from what their trail said last.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.users
    -- The end of the person's audit trail. Only the trail's own trigger moves it.
    ADD COLUMN ev_seq bigint NOT NULL DEFAULT 0,
    -- Computed once: both functions are immutable.
    -- squawk-ignore adding-field-with-default
    ADD COLUMN ev_head bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    ADD CONSTRAINT users_ev_seq_counts_up CHECK (ev_seq >= 0) NOT VALID,
    ADD CONSTRAINT users_ev_head_length CHECK (octet_length(ev_head) = 32) NOT VALID;

GRANT SELECT (ev_seq, ev_head) ON grading.users TO korrigo_read;

CREATE FUNCTION grading.users_trail_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.ev_seq <> 0 OR NEW.ev_head <> decode(repeat('00', 32), 'hex') THEN
            RAISE EXCEPTION 'a person begins without a trail' USING ERRCODE = '23514', CONSTRAINT = 'users_trail';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.ev_seq, NEW.ev_head) <> (OLD.ev_seq, OLD.ev_head) AND NEW.ev_seq <> OLD.ev_seq + 1 THEN
        RAISE EXCEPTION 'a trail grows by one event' USING ERRCODE = '23514', CONSTRAINT = 'users_trail';
    END IF;
    IF NEW.id <> OLD.id THEN
        RAISE EXCEPTION 'a person stays who they are' USING ERRCODE = '23514', CONSTRAINT = 'users_identity';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.users_trail_guard() FROM PUBLIC;

CREATE TRIGGER users_trail_guard BEFORE INSERT OR UPDATE ON grading.users
    FOR EACH ROW EXECUTE FUNCTION grading.users_trail_guard();

-- Asked when the transaction commits: the end of a person's trail is the event that is said to be there.
CREATE FUNCTION grading.users_trail_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM grading.grading_events
        WHERE copy_id = NEW.id AND seq = NEW.ev_seq AND prev = OLD.ev_head AND hash = NEW.ev_head
    ) THEN
        RAISE EXCEPTION 'a trail ends with its last event'
            USING ERRCODE = '23514', CONSTRAINT = 'users_trail';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.users_trail_end() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER users_trail_end AFTER UPDATE ON grading.users
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.ev_seq <> OLD.ev_seq)
    EXECUTE FUNCTION grading.users_trail_end();

-- As migration 0005 has it, for people too. A person has no versions. What happens to people stands in no copy's trail,
-- and the other way round.
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
        'ADD_USER', 'CHANGE_USER', 'INVITE_USER', 'SET_PASSWORD', 'ERASE_USER', 'RESTORE_USER'
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

-- An event of a person has no copy to refer to. That whoever has a trail stays, these say instead.
CREATE FUNCTION grading.trails_keep_their_subject() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM grading.grading_events WHERE copy_id = OLD.id) THEN
        RAISE EXCEPTION 'whoever has a trail stays'
            USING ERRCODE = '23503', CONSTRAINT = 'grading_events_copy_fkey';
    END IF;
    RETURN OLD;
END
$$;
REVOKE ALL ON FUNCTION grading.trails_keep_their_subject() FROM PUBLIC;

CREATE TRIGGER copies_keep_their_trail BEFORE DELETE ON grading.copies
    FOR EACH ROW EXECUTE FUNCTION grading.trails_keep_their_subject();
CREATE TRIGGER users_keep_their_trail BEFORE DELETE ON grading.users
    FOR EACH ROW EXECUTE FUNCTION grading.trails_keep_their_subject();

-- The two rules are long and grow with other migrations: only what is new is added to them. They are wider than before, so
-- that no event breaks them.
DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := replace(actions, 'ARRAY[''ERASE''::text', $rule$ARRAY['ADD_USER'::text, 'CHANGE_USER'::text,
        'INVITE_USER'::text, 'SET_PASSWORD'::text, 'ERASE_USER'::text, 'RESTORE_USER'::text, 'ERASE'::text$rule$);
    wanted_metadata text := replace(metadata, 'CASE action', $rule$CASE action
        WHEN 'ADD_USER'::text THEN
            metadata - ARRAY['role', 'how'] = '{}'
            AND metadata ?& ARRAY['role', 'how']
            AND metadata ->> 'role' IN ('ADMIN', 'TEACHER', 'STUDENT')
            AND metadata ->> 'how' IN ('invited', 'password')
        WHEN 'CHANGE_USER'::text THEN
            metadata - ARRAY['role', 'disabled', 'renamed', 'sessions_ended'] = '{}'
            AND metadata ?& ARRAY['role', 'disabled', 'renamed', 'sessions_ended']
            AND metadata ->> 'role' IN ('ADMIN', 'TEACHER', 'STUDENT')
            AND jsonb_typeof(metadata -> 'disabled') = 'boolean'
            AND jsonb_typeof(metadata -> 'renamed') = 'boolean'
            AND jsonb_typeof(metadata -> 'sessions_ended') = 'number'
        WHEN 'INVITE_USER'::text THEN
            metadata = '{}'
        WHEN 'SET_PASSWORD'::text THEN
            metadata - ARRAY['how', 'sessions_ended'] = '{}'
            AND metadata ?& ARRAY['how', 'sessions_ended']
            AND metadata ->> 'how' IN ('invitation', 'own', 'operator')
            AND jsonb_typeof(metadata -> 'sessions_ended') = 'number'
        WHEN 'ERASE_USER'::text THEN
            metadata - ARRAY['cause'] = '{}'
            AND metadata ? 'cause'
            AND metadata ->> 'cause' IN ('pupil', 'retention')
        WHEN 'RESTORE_USER'::text THEN
            metadata - ARRAY['backup', 'size', 'lost'] = '{}'
            AND metadata ?& ARRAY['backup', 'size', 'lost']
            AND jsonb_typeof(metadata -> 'backup') = 'string'
            AND metadata ->> 'backup' ~ '^[0-9a-f]{64}$'
            AND jsonb_typeof(metadata -> 'size') = 'number'
            AND jsonb_typeof(metadata -> 'lost') = 'number'$rule$);
BEGIN
    IF wanted_actions = actions OR wanted_metadata = metadata THEN
        RAISE EXCEPTION 'the rules about events are not the expected ones';
    END IF;
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_copy_fkey,
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_action_known ' || wanted_actions
        || ' NOT VALID, ADD CONSTRAINT grading_events_metadata_closed ' || wanted_metadata || ' NOT VALID';
END
$$;
