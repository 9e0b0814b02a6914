-- Refused while there is a set of changes: scores come of it.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
BEGIN
    IF EXISTS (SELECT FROM grading.change_sets) THEN
        RAISE EXCEPTION 'there are changed scores';
    END IF;
END
$$;

DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('grading.copies_guard()'::regprocedure),
        E',\n        (''GRADED'', ''GRADING_IN_PROGRESS'')', '');
END
$$;

DROP TABLE grading.adjustments;
DROP FUNCTION grading.adjustments_need_a_grade();
DROP TABLE grading.change_sets;
