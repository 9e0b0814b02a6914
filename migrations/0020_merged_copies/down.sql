-- Refused while a copy has several booklets, or was put aside without its own: programs of before know neither.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DO $$
BEGIN
    IF EXISTS (SELECT FROM grading.booklets WHERE position > 0) THEN
        RAISE EXCEPTION 'there are merged copies';
    END IF;
END
$$;

REVOKE UPDATE (copy_id, index) ON grading.pages FROM korrigo_app;
REVOKE INSERT (position), UPDATE (copy_id, position) ON grading.booklets FROM korrigo_app;

DO $$
BEGIN
    EXECUTE replace(pg_get_functiondef('grading.copies_guard()'::regprocedure),
        ' AND NOT (OLD.status = ''READY'' AND NEW.discarded)', '');
END
$$;

DROP TRIGGER copies_conserve ON grading.copies;
DROP FUNCTION grading.copies_conserve();
DROP TRIGGER booklets_conserve ON grading.booklets;
DROP FUNCTION grading.booklets_conserve();
DROP TRIGGER pages_conserve ON grading.pages;
DROP FUNCTION grading.pages_conserve();
ALTER TABLE grading.pages
    DROP CONSTRAINT pages_index_range,
    ADD CONSTRAINT pages_index_range CHECK (index BETWEEN 0 AND 9999);
ALTER TABLE grading.booklets
    DROP CONSTRAINT booklets_position_once,
    DROP COLUMN position,
    ADD CONSTRAINT booklets_copy_once UNIQUE (copy_id);
