-- Who is to correct a copy.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.copies
    -- Nobody in particular, until copies are dispatched.
    ADD COLUMN corrector_id uuid,
    ADD CONSTRAINT copies_corrector_fkey FOREIGN KEY (corrector_id) REFERENCES grading.users (id)
        ON DELETE RESTRICT NOT VALID;
GRANT UPDATE (corrector_id) ON grading.copies TO korrigo_app;

-- Asked with each request about a copy. Nothing is in it when it is made.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX copies_dispatched ON grading.copies (exam_id, corrector_id) WHERE corrector_id IS NOT NULL;

-- Who is to correct which copy: those of the correctors of its exam that it was given to, or all of them as long as no
-- copy of the exam was given to anybody. Who has begun with a copy goes on.
CREATE VIEW grading.copy_correctors AS
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
GRANT SELECT ON grading.copy_correctors TO korrigo_app;

-- Asked when the transaction commits: who is to correct a copy changes with the event that says so, and not along with
-- something else.
CREATE FUNCTION grading.copies_require_dispatch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM grading.grading_events
        WHERE copy_id = NEW.id AND copy_version = NEW.version AND action = 'DISPATCH'
            AND metadata ->> 'corrector_id' IS NOT DISTINCT FROM NEW.corrector_id::text
    ) THEN
        RAISE EXCEPTION 'a copy does not change hands without an event'
            USING ERRCODE = '23514', CONSTRAINT = 'copies_event_of_dispatch';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.copies_require_dispatch() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER copies_require_dispatch AFTER UPDATE ON grading.copies
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.corrector_id IS DISTINCT FROM OLD.corrector_id)
    EXECUTE FUNCTION grading.copies_require_dispatch();
