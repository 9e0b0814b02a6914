-- Sets of changes: the scores of many copies, changed at once by an administrator, beside what correctors gave.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.change_sets (
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    reason_code text NOT NULL,
    -- In somebody's words: not for the trail.
    reason text,
    question_id text,
    -- What each copy was to be given; what it took is in grading.adjustments.
    delta_quarters bigint NOT NULL,
    CONSTRAINT change_sets_pkey PRIMARY KEY (id),
    CONSTRAINT change_sets_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT,
    CONSTRAINT change_sets_user_fkey FOREIGN KEY (created_by) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT change_sets_reason_code_form CHECK (reason_code ~ '^[a-z_]{1,40}$'),
    CONSTRAINT change_sets_reason_length CHECK (char_length(reason) BETWEEN 1 AND 4000),
    CONSTRAINT change_sets_question_form CHECK (question_id ~ '^[A-Za-z0-9._-]{1,32}$'),
    CONSTRAINT change_sets_delta_range CHECK (delta_quarters BETWEEN -4000 AND 4000),
    CONSTRAINT change_sets_delta_something CHECK (delta_quarters <> 0)
);
CREATE INDEX change_sets_of_exam ON grading.change_sets (exam_id, id);

CREATE TABLE grading.adjustments (
    copy_id uuid NOT NULL,
    change_set_id uuid NOT NULL,
    delta_quarters bigint NOT NULL,
    CONSTRAINT adjustments_pkey PRIMARY KEY (copy_id, change_set_id),
    CONSTRAINT adjustments_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT adjustments_change_set_fkey FOREIGN KEY (change_set_id)
        REFERENCES grading.change_sets (id) ON DELETE RESTRICT,
    CONSTRAINT adjustments_delta_range CHECK (delta_quarters BETWEEN -4000 AND 4000),
    CONSTRAINT adjustments_delta_something CHECK (delta_quarters <> 0)
);
CREATE INDEX adjustments_of_change_set ON grading.adjustments (change_set_id);

-- What correctors give is theirs; only what they have given is adjusted.
CREATE FUNCTION grading.adjustments_need_a_grade() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM copies WHERE id = NEW.copy_id AND status = 'GRADED') THEN
        RAISE EXCEPTION 'only a graded copy is adjusted'
            USING ERRCODE = '23514', CONSTRAINT = 'adjustments_need_a_grade';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.adjustments_need_a_grade() FROM PUBLIC;

CREATE TRIGGER adjustments_need_a_grade BEFORE INSERT ON grading.adjustments
    FOR EACH ROW EXECUTE FUNCTION grading.adjustments_need_a_grade();

-- The table of states is long and grows with other migrations: only the new line is added to it.
DO $$
DECLARE
    guard text := pg_get_functiondef('grading.copies_guard()'::regprocedure);
    wanted text := replace(guard, '(''GRADED'', ''READY'')',
        E'(''GRADED'', ''READY''),\n        (''GRADED'', ''GRADING_IN_PROGRESS'')');
BEGIN
    IF wanted = guard THEN
        RAISE EXCEPTION 'the table of states is not the expected one';
    END IF;
    EXECUTE wanted;
END
$$;

GRANT SELECT ON grading.change_sets, grading.adjustments TO korrigo_app;
GRANT INSERT ON grading.change_sets, grading.adjustments TO korrigo_app;
-- Diagnosis sees that something was changed, and not why in whose words.
GRANT SELECT (id, exam_id, created_by, created_at, reason_code, question_id) ON grading.change_sets TO korrigo_read;
GRANT SELECT (copy_id, change_set_id) ON grading.adjustments TO korrigo_read;
