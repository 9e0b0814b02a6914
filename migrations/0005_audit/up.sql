-- The audit trail: append-only, chained, and without it no copy changes.
--
-- The service says who did what to which copy as part of which operation. When, in which order and
-- chained to what is not its to say: the trigger sets it.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.grading_events (
    id uuid NOT NULL,
    copy_id uuid NOT NULL,
    seq bigint NOT NULL,
    action text NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    at timestamptz NOT NULL,
    copy_version bigint NOT NULL,
    metadata jsonb NOT NULL,
    prev bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT grading_events_pkey PRIMARY KEY (copy_id, seq),
    CONSTRAINT grading_events_id_once UNIQUE (id),
    -- The same operation does a thing to a copy once.
    CONSTRAINT grading_events_operation_once UNIQUE (copy_id, action, operation_id),
    CONSTRAINT grading_events_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT grading_events_seq_from_one CHECK (seq > 0),
    CONSTRAINT grading_events_action_known CHECK (action IN ('IMPORT', 'VALIDATE')),
    CONSTRAINT grading_events_actor_kind_known CHECK (actor_kind IN ('user', 'service', 'operator')),
    CONSTRAINT grading_events_copy_version_counts_up CHECK (copy_version >= 0),
    CONSTRAINT grading_events_prev_length CHECK (octet_length(prev) = 32),
    CONSTRAINT grading_events_hash_length CHECK (octet_length(hash) = 32),
    -- Closed keys per action, ids, numbers and codes only. An action without a line here is refused, and
    -- so is a JSON null: it must not slip through as an unknown answer.
    CONSTRAINT grading_events_metadata_closed CHECK ((
        jsonb_typeof(metadata) = 'object' AND CASE action
            WHEN 'IMPORT' THEN
                metadata - ARRAY['filename', 'pages', 'success', 'sha256', 'bytes', 'attempt', 'error_code'] = '{}'
                AND metadata ?& ARRAY['filename', 'pages', 'success', 'sha256', 'bytes', 'attempt']
                -- The server's own name for the file. What the client called it is not kept.
                AND metadata ->> 'filename' = copy_id::text || '.pdf'
                AND metadata ->> 'sha256' ~ '^[0-9a-f]{64}$'
                AND jsonb_typeof(metadata -> 'pages') = 'number'
                AND jsonb_typeof(metadata -> 'bytes') = 'number'
                AND jsonb_typeof(metadata -> 'attempt') = 'number'
                AND jsonb_typeof(metadata -> 'success') = 'boolean'
                AND (metadata -> 'success' = 'true') <> (metadata ? 'error_code')
                AND (metadata ->> 'error_code' ~ '^[a-z_]{1,40}$') IS NOT FALSE
            WHEN 'VALIDATE' THEN
                metadata - ARRAY['pages'] = '{}'
                AND metadata ?& ARRAY['pages']
                AND jsonb_typeof(metadata -> 'pages') = 'number'
            ELSE false
        END
    ) IS TRUE)
);

CREATE INDEX grading_events_by_version ON grading.grading_events (copy_id, copy_version);

-- A text as it is hashed: its length in bytes, then its UTF-8.
CREATE FUNCTION grading.audit_text(value text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN int8send(octet_length(convert_to(value, 'UTF8'))::bigint) || convert_to(value, 'UTF8');
REVOKE ALL ON FUNCTION grading.audit_text(text) FROM PUBLIC;

-- Gives an event its place. `domain::audit` has the same definition of the hash, and a test compares them.
-- The copy's row is locked first, so that two events of one copy cannot take the same place.
CREATE FUNCTION grading.grading_events_chain() RETURNS trigger
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
REVOKE ALL ON FUNCTION grading.grading_events_chain() FROM PUBLIC;

CREATE TRIGGER grading_events_chain BEFORE INSERT ON grading.grading_events
    FOR EACH ROW EXECUTE FUNCTION grading.grading_events_chain();

CREATE FUNCTION grading.grading_events_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only'
        USING ERRCODE = '42501', CONSTRAINT = 'grading_events_append_only';
END
$$;
REVOKE ALL ON FUNCTION grading.grading_events_append_only() FROM PUBLIC;

CREATE TRIGGER grading_events_append_only BEFORE UPDATE OR DELETE ON grading.grading_events
    FOR EACH ROW EXECUTE FUNCTION grading.grading_events_append_only();
CREATE TRIGGER grading_events_never_emptied BEFORE TRUNCATE ON grading.grading_events
    FOR EACH STATEMENT EXECUTE FUNCTION grading.grading_events_append_only();

ALTER TABLE grading.grading_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE grading.grading_events FORCE ROW LEVEL SECURITY;
CREATE POLICY grading_events_read ON grading.grading_events FOR SELECT USING (true);
CREATE POLICY grading_events_append ON grading.grading_events FOR INSERT WITH CHECK (true);

-- Asked when the transaction commits: each step of a copy's version has its event, and the end of its
-- trail is the event that is said to be there.
CREATE FUNCTION grading.copies_require_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
BEGIN
    IF NEW.version <> OLD.version AND NOT EXISTS (
        SELECT FROM grading.grading_events
        WHERE copy_id = NEW.id AND copy_version = NEW.version
    ) THEN
        RAISE EXCEPTION 'a copy does not change without an event'
            USING ERRCODE = '23514', CONSTRAINT = 'copies_event_of_change';
    END IF;
    IF NEW.ev_seq <> OLD.ev_seq AND NOT EXISTS (
        SELECT FROM grading.grading_events
        WHERE copy_id = NEW.id AND seq = NEW.ev_seq AND prev = OLD.ev_head AND hash = NEW.ev_head
    ) THEN
        RAISE EXCEPTION 'a trail ends with its last event'
            USING ERRCODE = '23514', CONSTRAINT = 'copies_trail';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.copies_require_event() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER copies_require_event AFTER UPDATE ON grading.copies
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION grading.copies_require_event();

GRANT SELECT ON grading.grading_events TO korrigo_app, korrigo_read;
GRANT INSERT (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
    ON grading.grading_events TO korrigo_app;
