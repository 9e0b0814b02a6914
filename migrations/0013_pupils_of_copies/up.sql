-- Pupils, and whose copy is whose. Both are apart from the copies and from their trails, so that they can be forgotten;
-- and the trail learns what an exam office does.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.students (
    id uuid NOT NULL,
    surname text NOT NULL,
    given_names text NOT NULL,
    -- Nothing where the school's list says nothing.
    birth_date date,
    class_name text,
    -- The number that the school knows the pupil by.
    number text,
    -- Names and class without accents and case: what a search compares.
    search_key text NOT NULL,
    -- The names and the day as lists of pupils are compared with what is there.
    match_key text NOT NULL,
    -- The access of the pupil, once they were invited.
    user_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT students_pkey PRIMARY KEY (id),
    CONSTRAINT students_number_once UNIQUE (number),
    CONSTRAINT students_match_once UNIQUE (match_key),
    CONSTRAINT students_user_once UNIQUE (user_id),
    CONSTRAINT students_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT students_surname_length CHECK (char_length(surname) BETWEEN 1 AND 100),
    CONSTRAINT students_given_names_length CHECK (char_length(given_names) BETWEEN 1 AND 100),
    CONSTRAINT students_class_name_length CHECK (char_length(class_name) BETWEEN 1 AND 50),
    CONSTRAINT students_number_length CHECK (char_length(number) BETWEEN 1 AND 50)
);
CREATE INDEX students_by_name ON grading.students (search_key, id);
CREATE INDEX students_by_class ON grading.students (class_name, search_key, id);

-- The classes that write an exam. An exam without any is written by everybody.
CREATE TABLE grading.exam_classes (
    exam_id uuid NOT NULL,
    class_name text NOT NULL,
    CONSTRAINT exam_classes_pkey PRIMARY KEY (exam_id, class_name),
    CONSTRAINT exam_classes_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT,
    CONSTRAINT exam_classes_name_length CHECK (char_length(class_name) BETWEEN 1 AND 50)
);

-- Whose copy it is.
CREATE TABLE grading.identities (
    copy_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    student_id uuid NOT NULL,
    method text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT identities_pkey PRIMARY KEY (copy_id),
    -- A pupil has one copy of an exam.
    CONSTRAINT identities_student_once UNIQUE (exam_id, student_id),
    CONSTRAINT identities_copy_fkey FOREIGN KEY (exam_id, copy_id)
        REFERENCES grading.copies (exam_id, id) ON DELETE RESTRICT,
    CONSTRAINT identities_student_fkey FOREIGN KEY (student_id) REFERENCES grading.students (id) ON DELETE RESTRICT,
    CONSTRAINT identities_method_known CHECK (method IN ('MANUAL', 'OCR_ASSISTED'))
);
CREATE INDEX identities_of_student ON grading.identities (student_id);

-- Nobody could say before this step whose copy is whose. From now on it follows from the above, under the same name, so
-- that programs of before find it.
-- squawk-ignore ban-drop-table
DROP TABLE grading.copy_authors;
CREATE VIEW grading.copy_authors AS
    SELECT identities.copy_id, students.user_id
    FROM grading.identities JOIN grading.students ON students.id = identities.student_id
    WHERE students.user_id IS NOT NULL;

GRANT SELECT, DELETE ON grading.students, grading.identities, grading.exam_classes TO korrigo_app;
GRANT INSERT (id, surname, given_names, birth_date, class_name, number, search_key, match_key)
    ON grading.students TO korrigo_app;
GRANT UPDATE (surname, given_names, birth_date, class_name, number, search_key, match_key, user_id)
    ON grading.students TO korrigo_app;
GRANT INSERT ON grading.exam_classes TO korrigo_app;
GRANT INSERT (copy_id, exam_id, student_id, method) ON grading.identities TO korrigo_app;
GRANT SELECT ON grading.copy_authors TO korrigo_app;
-- Diagnosis sees that somebody is there, and not who.
GRANT SELECT (id, user_id, created_at) ON grading.students TO korrigo_read;
GRANT SELECT (copy_id, exam_id, student_id, method, created_at) ON grading.identities TO korrigo_read;

-- The two rules about events are long and grow with other migrations: only what is new is added to them.
DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := replace(actions, 'ARRAY[''RESTORE''::text',
        'ARRAY[''IDENTIFY''::text, ''MERGE''::text, ''REORDER''::text, ''DISPATCH''::text, ''RELEASE''::text, '
        '''CORRECTION''::text, ''RESTORE''::text');
    wanted_metadata text := replace(metadata, 'CASE action', $rule$CASE action
        WHEN 'IDENTIFY'::text THEN
            metadata - ARRAY['student_id', 'method', 'undone'] = '{}'
            AND metadata ?& ARRAY['student_id', 'method', 'undone']
            AND jsonb_typeof(metadata -> 'student_id') = 'string'
            AND metadata ->> 'student_id' ~ '^[0-9a-f-]{36}$'
            AND metadata ->> 'method' IN ('MANUAL', 'OCR_ASSISTED')
            AND jsonb_typeof(metadata -> 'undone') = 'boolean'
        WHEN 'MERGE'::text THEN
            metadata - ARRAY['other_id', 'part', 'booklets', 'pages'] = '{}'
            AND metadata ?& ARRAY['other_id', 'part', 'booklets', 'pages']
            AND metadata ->> 'other_id' ~ '^[0-9a-f-]{36}$'
            AND metadata ->> 'part' IN ('kept', 'emptied')
            AND jsonb_typeof(metadata -> 'booklets') = 'number'
            AND jsonb_typeof(metadata -> 'pages') = 'number'
        WHEN 'REORDER'::text THEN
            metadata - ARRAY['booklets', 'pages'] = '{}'
            AND metadata ?& ARRAY['booklets', 'pages']
            AND jsonb_typeof(metadata -> 'booklets') = 'number'
            AND jsonb_typeof(metadata -> 'pages') = 'number'
        WHEN 'DISPATCH'::text THEN
            metadata - ARRAY['corrector_id', 'how', 'run_id'] = '{}'
            AND metadata ?& ARRAY['corrector_id', 'how', 'run_id']
            AND jsonb_typeof(metadata -> 'corrector_id') IN ('string', 'null')
            AND (metadata ->> 'corrector_id' ~ '^[0-9a-f-]{36}$') IS NOT FALSE
            AND metadata ->> 'how' IN ('run', 'manual', 'absent')
            AND metadata ->> 'run_id' ~ '^[0-9a-f-]{36}$'
        WHEN 'RELEASE'::text THEN
            metadata - ARRAY['number', 'withdrawn', 'score', 'max'] = '{}'
            AND metadata ?& ARRAY['number', 'withdrawn', 'score', 'max']
            AND jsonb_typeof(metadata -> 'number') = 'number'
            AND jsonb_typeof(metadata -> 'withdrawn') = 'boolean'
            AND jsonb_typeof(metadata -> 'score') = 'string'
            AND metadata ->> 'score' ~ '^[0-9]{1,6}(\.[0-9]{1,2})?$'
            AND jsonb_typeof(metadata -> 'max') = 'string'
            AND metadata ->> 'max' ~ '^[0-9]{1,6}(\.[0-9]{1,2})?$'
        WHEN 'CORRECTION'::text THEN
            metadata - ARRAY['change_set_id', 'delta', 'score', 'max'] = '{}'
            AND metadata ?& ARRAY['change_set_id', 'delta', 'score', 'max']
            AND metadata ->> 'change_set_id' ~ '^[0-9a-f-]{36}$'
            AND jsonb_typeof(metadata -> 'delta') = 'string'
            AND metadata ->> 'delta' ~ '^-?[0-9]{1,4}(\.[0-9]{1,2})?$'
            AND jsonb_typeof(metadata -> 'score') = 'string'
            AND metadata ->> 'score' ~ '^[0-9]{1,6}(\.[0-9]{1,2})?$'
            AND jsonb_typeof(metadata -> 'max') = 'string'
            AND metadata ->> 'max' ~ '^[0-9]{1,6}(\.[0-9]{1,2})?$'$rule$);
    -- What somebody may be given, besides the document and the trail.
    exports text := '''anonymous''::text';
BEGIN
    IF wanted_actions = actions OR wanted_metadata = metadata OR strpos(metadata, exports) = 0 THEN
        RAISE EXCEPTION 'the rules about events are not the expected ones';
    END IF;
    wanted_metadata := replace(wanted_metadata, exports,
        exports || ', ''identity''::text, ''results''::text, ''archive''::text');
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_action_known ' || wanted_actions
        || ', ADD CONSTRAINT grading_events_metadata_closed ' || wanted_metadata;
END
$$;
