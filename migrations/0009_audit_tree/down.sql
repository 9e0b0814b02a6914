SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
DECLARE
    known text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted text := replace(known, '''anonymous''::text, ''audit''::text]', '''anonymous''::text]');
BEGIN
    ALTER TABLE grading.grading_events DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_metadata_closed ' || wanted;
END
$$;

DROP TRIGGER grading_events_pending ON grading.grading_events;
DROP TABLE grading.audit_frontier;
DROP TABLE grading.audit_leaves;
DROP TABLE grading.audit_pending;
DROP FUNCTION grading.audit_leaves_place();
DROP FUNCTION grading.audit_pending_note();
