-- Several copies of one pupil become one: a copy has booklets in an order, and booklets and pages move between copies.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- As long as nothing was merged, programs of before find the one booklet of a copy as they did. The index is as small as
-- the one that it replaces, and what it asks for holds already. Places are exchanged within a statement.
ALTER TABLE grading.booklets
    ADD COLUMN position bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT booklets_position_counts_up CHECK (position >= 0) NOT VALID,
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT booklets_copy_once,
    -- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
    ADD CONSTRAINT booklets_position_once UNIQUE (copy_id, position) DEFERRABLE INITIALLY IMMEDIATE;

-- On their way to another place pages are beyond the last: no two of a copy have one place at any moment.
ALTER TABLE grading.pages
    -- squawk-ignore ban-drop-constraint
    DROP CONSTRAINT pages_index_range,
    ADD CONSTRAINT pages_index_range CHECK (index BETWEEN 0 AND 19999) NOT VALID;

-- Conservation, asked when the transaction commits. Pages are never deleted, and what is corrected keeps its own. Where
-- pages moved: none is beyond the last of its copy, none lies apart from its booklet, and no place is left empty, unless
-- the copy gave all that it had away.
CREATE FUNCTION grading.pages_conserve() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pages
        JOIN copies ON copies.id = pages.copy_id
        JOIN booklets ON booklets.id = pages.booklet_id
        WHERE pages.copy_id = NEW.copy_id AND pages.index = NEW.index AND (
            copies.discarded OR copies.status NOT IN ('STAGING', 'READY') OR booklets.copy_id <> pages.copy_id
            OR (pages.index < copies.page_count) IS NOT TRUE
        )
    ) OR EXISTS (
        SELECT FROM copies
        WHERE copies.id = OLD.copy_id AND OLD.index < copies.page_count
            AND NOT EXISTS (SELECT FROM pages WHERE pages.copy_id = copies.id AND pages.index = OLD.index)
            AND NOT (
                copies.discarded
                AND NOT EXISTS (SELECT FROM pages WHERE pages.copy_id = copies.id)
                AND NOT EXISTS (SELECT FROM booklets WHERE booklets.copy_id = copies.id)
            )
    ) THEN
        RAISE EXCEPTION 'pages are lost or lie apart' USING ERRCODE = '23514', CONSTRAINT = 'pages_conserve';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.pages_conserve() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER pages_conserve AFTER UPDATE ON grading.pages
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((NEW.copy_id, NEW.index) IS DISTINCT FROM (OLD.copy_id, OLD.index))
    EXECUTE FUNCTION grading.pages_conserve();

-- Where booklets moved: their pages moved with them, booklet by booklet.
CREATE FUNCTION grading.booklets_conserve() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pages JOIN booklets ON booklets.id = pages.booklet_id
        WHERE booklets.id = NEW.id AND pages.copy_id <> booklets.copy_id
    ) OR EXISTS (
        SELECT FROM (
            SELECT booklets.position < lag(booklets.position) OVER (ORDER BY pages.index) AS misplaced
            FROM pages JOIN booklets ON booklets.id = pages.booklet_id
            WHERE pages.copy_id = NEW.copy_id
        ) AS placed
        WHERE misplaced
    ) THEN
        RAISE EXCEPTION 'pages are not where their booklets are'
            USING ERRCODE = '23514', CONSTRAINT = 'booklets_conserve';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.booklets_conserve() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER booklets_conserve AFTER UPDATE ON grading.booklets
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((NEW.copy_id, NEW.position) IS DISTINCT FROM (OLD.copy_id, OLD.position))
    EXECUTE FUNCTION grading.booklets_conserve();

-- Where the number of pages changed: there are as many.
CREATE FUNCTION grading.copies_conserve() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF NEW.page_count IS DISTINCT FROM (SELECT count(*) FROM pages WHERE pages.copy_id = NEW.id) THEN
        RAISE EXCEPTION 'a copy has as many pages as it says'
            USING ERRCODE = '23514', CONSTRAINT = 'copies_conserve';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.copies_conserve() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER copies_conserve AFTER UPDATE ON grading.copies
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.page_count <> OLD.page_count)
    EXECUTE FUNCTION grading.copies_conserve();

-- A copy that gave its pages away is put aside, also if they had been checked. The table of states is long and grows
-- with other migrations: only the new line is added to it.
DO $$
DECLARE
    guard text := pg_get_functiondef('grading.copies_guard()'::regprocedure);
    wanted text := replace(guard, 'NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (',
        'NEW.status <> OLD.status AND NOT (OLD.status = ''READY'' AND NEW.discarded)'
        || ' AND (OLD.status, NEW.status) NOT IN (');
BEGIN
    IF wanted = guard THEN
        RAISE EXCEPTION 'the table of states is not the expected one';
    END IF;
    EXECUTE wanted;
END
$$;

GRANT INSERT (position), UPDATE (copy_id, position) ON grading.booklets TO korrigo_app;
GRANT UPDATE (copy_id, index) ON grading.pages TO korrigo_app;
