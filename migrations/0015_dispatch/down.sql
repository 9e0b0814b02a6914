-- Refused while a copy is somebody's: who corrects what is somebody's decision.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
BEGIN
    IF EXISTS (SELECT FROM grading.copies WHERE corrector_id IS NOT NULL) THEN
        RAISE EXCEPTION 'there are dispatched copies';
    END IF;
END
$$;

DROP TRIGGER copies_require_dispatch ON grading.copies;
DROP FUNCTION grading.copies_require_dispatch();
DROP VIEW grading.copy_correctors;
ALTER TABLE grading.copies DROP COLUMN corrector_id;
