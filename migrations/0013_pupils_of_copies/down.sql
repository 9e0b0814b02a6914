-- Refused while a trail has an event of the exam office, and while there is a pupil: nothing is taken out of a trail,
-- and a list of pupils is somebody's work.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
BEGIN
    IF EXISTS (SELECT FROM grading.students) THEN
        RAISE EXCEPTION 'there are pupils';
    END IF;
END
$$;

DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := regexp_replace(actions,
        '''(IDENTIFY|MERGE|REORDER|DISPATCH|RELEASE|CORRECTION)''::text, ', '', 'g');
    wanted_metadata text := replace(
        regexp_replace(metadata, 'WHEN ''IDENTIFY''::text THEN .*?(?=WHEN ''RESTORE'')', ''),
        ', ''identity''::text, ''results''::text, ''archive''::text', '');
BEGIN
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_action_known ' || wanted_actions
        || ', ADD CONSTRAINT grading_events_metadata_closed ' || wanted_metadata;
END
$$;

DROP VIEW grading.copy_authors;
DROP TABLE grading.identities;
DROP TABLE grading.exam_classes;
DROP TABLE grading.students;

-- As migration 0007 had it.
CREATE TABLE grading.copy_authors (
    copy_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT copy_authors_pkey PRIMARY KEY (copy_id),
    CONSTRAINT copy_authors_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT copy_authors_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT
);
CREATE INDEX copy_authors_by_user ON grading.copy_authors (user_id, copy_id);
GRANT SELECT ON grading.copy_authors TO korrigo_app;
