-- The tree over the events of all copies (RFC 9162). Its checkpoints are signed and kept outside the database.
--
-- The service says which event comes next. Its position, and what its leaf vouches for, the trigger sets.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Events that have no leaf yet, in an order in which no event comes before its predecessor of the same copy.
CREATE TABLE grading.audit_pending (
    number bigint GENERATED ALWAYS AS IDENTITY,
    copy_id uuid NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT audit_pending_pkey PRIMARY KEY (copy_id, seq)
);
CREATE INDEX audit_pending_by_number ON grading.audit_pending (number);

CREATE TABLE grading.audit_leaves (
    position bigint NOT NULL,
    copy_id uuid NOT NULL,
    seq bigint NOT NULL,
    -- What the leaf vouches for: the hash of the event, and the two columns that the chain leaves out.
    hash bytea NOT NULL,
    event_id uuid NOT NULL,
    copy_version bigint NOT NULL,
    CONSTRAINT audit_leaves_pkey PRIMARY KEY (position),
    CONSTRAINT audit_leaves_event_once UNIQUE (copy_id, seq),
    CONSTRAINT audit_leaves_event_fkey FOREIGN KEY (copy_id, seq)
        REFERENCES grading.grading_events (copy_id, seq) ON DELETE RESTRICT,
    CONSTRAINT audit_leaves_from_zero CHECK (position >= 0),
    CONSTRAINT audit_leaves_hash_length CHECK (octet_length(hash) = 32)
);

-- What is needed to add leaves: the hashes of the perfect subtrees. It can be computed from the leaves, so nothing is
-- proven by it; it spares reading all of them for each checkpoint.
CREATE TABLE grading.audit_frontier (
    single boolean NOT NULL DEFAULT true,
    size bigint NOT NULL,
    nodes bytea NOT NULL,
    CONSTRAINT audit_frontier_pkey PRIMARY KEY (single),
    CONSTRAINT audit_frontier_one_row CHECK (single),
    CONSTRAINT audit_frontier_size_counts_up CHECK (size >= 0),
    CONSTRAINT audit_frontier_nodes_fit CHECK (octet_length(nodes) = 32 * bit_count(size::bit(64)))
);
INSERT INTO grading.audit_frontier (size, nodes) VALUES (0, '');

CREATE FUNCTION grading.audit_pending_note() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
BEGIN
    INSERT INTO grading.audit_pending (copy_id, seq) VALUES (NEW.copy_id, NEW.seq);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.audit_pending_note() FROM PUBLIC;

CREATE TRIGGER grading_events_pending AFTER INSERT ON grading.grading_events
    FOR EACH ROW EXECUTE FUNCTION grading.audit_pending_note();

-- Two who append at the same time want the same position, and one of them is refused.
CREATE FUNCTION grading.audit_leaves_place() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
BEGIN
    SELECT hash, id, copy_version INTO NEW.hash, NEW.event_id, NEW.copy_version
        FROM grading.grading_events WHERE copy_id = NEW.copy_id AND seq = NEW.seq;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a leaf belongs to an event'
            USING ERRCODE = '23503', CONSTRAINT = 'audit_leaves_event_fkey';
    END IF;
    IF NEW.seq > 1 AND NOT EXISTS (
        SELECT FROM grading.audit_leaves WHERE copy_id = NEW.copy_id AND seq = NEW.seq - 1
    ) THEN
        RAISE EXCEPTION 'the events of a copy come in their order'
            USING ERRCODE = '23514', CONSTRAINT = 'audit_leaves_in_order';
    END IF;
    SELECT coalesce(max(position) + 1, 0) INTO NEW.position FROM grading.audit_leaves;
    DELETE FROM grading.audit_pending WHERE copy_id = NEW.copy_id AND seq = NEW.seq;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.audit_leaves_place() FROM PUBLIC;

CREATE TRIGGER audit_leaves_place BEFORE INSERT ON grading.audit_leaves
    FOR EACH ROW EXECUTE FUNCTION grading.audit_leaves_place();
CREATE TRIGGER audit_leaves_append_only BEFORE UPDATE OR DELETE ON grading.audit_leaves
    FOR EACH ROW EXECUTE FUNCTION grading.grading_events_append_only();
CREATE TRIGGER audit_leaves_never_emptied BEFORE TRUNCATE ON grading.audit_leaves
    FOR EACH STATEMENT EXECUTE FUNCTION grading.grading_events_append_only();

ALTER TABLE grading.audit_leaves ENABLE ROW LEVEL SECURITY;
ALTER TABLE grading.audit_leaves FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_leaves_read ON grading.audit_leaves FOR SELECT USING (true);
CREATE POLICY audit_leaves_append ON grading.audit_leaves FOR INSERT WITH CHECK (true);

-- Events of before this migration, by time as far as the order within each copy allows.
INSERT INTO grading.audit_pending (copy_id, seq)
SELECT copy_id, seq FROM grading.grading_events
ORDER BY max(at) OVER (PARTITION BY copy_id ORDER BY seq), copy_id, seq;

GRANT SELECT ON grading.audit_pending, grading.audit_leaves, grading.audit_frontier TO korrigo_app, korrigo_read;
GRANT INSERT (copy_id, seq) ON grading.audit_leaves TO korrigo_app;
GRANT UPDATE (size, nodes) ON grading.audit_frontier TO korrigo_app;

-- The trail itself can be handed out too. The rule about metadata is long and grows with other migrations: only this
-- word is added to it.
DO $$
DECLARE
    known text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted text := replace(known, '''anonymous''::text]', '''anonymous''::text, ''audit''::text]');
BEGIN
    IF wanted = known THEN
        RAISE EXCEPTION 'the rule about metadata is not the expected one';
    END IF;
    ALTER TABLE grading.grading_events DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_metadata_closed ' || wanted;
END
$$;
