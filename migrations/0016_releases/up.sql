-- Releases: the results of exams as pupils were shown them, frozen and numbered.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.releases (
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    number bigint NOT NULL,
    released_by uuid NOT NULL,
    released_at timestamptz NOT NULL,
    withdrawn_by uuid,
    withdrawn_at timestamptz,
    -- The questions as they were.
    marking_scheme jsonb,
    CONSTRAINT releases_pkey PRIMARY KEY (id),
    CONSTRAINT releases_number_once UNIQUE (exam_id, number),
    CONSTRAINT releases_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT,
    CONSTRAINT releases_user_fkey FOREIGN KEY (released_by) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT releases_withdrawer_fkey FOREIGN KEY (withdrawn_by) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT releases_number_counts_up CHECK (number > 0),
    CONSTRAINT releases_withdrawn_whole CHECK (num_nulls(withdrawn_by, withdrawn_at) IN (0, 2))
);
-- An exam has one release that pupils see.
CREATE UNIQUE INDEX releases_current_once ON grading.releases (exam_id) WHERE withdrawn_at IS NULL;

-- What a release says of each copy. Whose copy it is, is not here: see grading.identities.
CREATE TABLE grading.release_results (
    release_id uuid NOT NULL,
    copy_id uuid NOT NULL,
    score_quarters bigint NOT NULL,
    max_quarters bigint NOT NULL,
    -- Quarters by question.
    points jsonb NOT NULL,
    -- The job that made the document.
    document_id uuid NOT NULL,
    CONSTRAINT release_results_pkey PRIMARY KEY (release_id, copy_id),
    CONSTRAINT release_results_release_fkey FOREIGN KEY (release_id)
        REFERENCES grading.releases (id) ON DELETE RESTRICT,
    CONSTRAINT release_results_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT release_results_document_fkey FOREIGN KEY (document_id)
        REFERENCES grading.documents (job_id) ON DELETE RESTRICT,
    CONSTRAINT release_results_score_range CHECK (score_quarters BETWEEN 0 AND max_quarters),
    CONSTRAINT release_results_points_by_question CHECK (jsonb_typeof(points) = 'object')
);
CREATE INDEX release_results_of_copy ON grading.release_results (copy_id, release_id);

-- A release changes once: when it is withdrawn.
CREATE FUNCTION grading.releases_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'a withdrawn release does not change'
            USING ERRCODE = '23514', CONSTRAINT = 'releases_withdrawn_stays';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.releases_guard() FROM PUBLIC;

CREATE TRIGGER releases_guard BEFORE UPDATE ON grading.releases
    FOR EACH ROW EXECUTE FUNCTION grading.releases_guard();

-- What pupils see stays as it is: to be corrected again, a copy is withdrawn first.
CREATE FUNCTION grading.copies_released_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM release_results JOIN releases ON releases.id = release_results.release_id
        WHERE release_results.copy_id = NEW.id AND releases.withdrawn_at IS NULL
    ) THEN
        RAISE EXCEPTION 'a released copy stays graded' USING ERRCODE = '23514', CONSTRAINT = 'copies_released_stay';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.copies_released_guard() FROM PUBLIC;

CREATE TRIGGER copies_released_guard BEFORE UPDATE ON grading.copies
    FOR EACH ROW WHEN (OLD.status = 'GRADED' AND NEW.status <> 'GRADED')
    EXECUTE FUNCTION grading.copies_released_guard();

GRANT SELECT ON grading.releases, grading.release_results TO korrigo_app;
GRANT INSERT (id, exam_id, number, released_by, released_at, marking_scheme) ON grading.releases TO korrigo_app;
GRANT UPDATE (withdrawn_by, withdrawn_at) ON grading.releases TO korrigo_app;
GRANT INSERT ON grading.release_results TO korrigo_app;
-- What questions are called is not for diagnosis.
GRANT SELECT (id, exam_id, number, released_by, released_at, withdrawn_by, withdrawn_at)
    ON grading.releases TO korrigo_read;
GRANT SELECT (release_id, copy_id, score_quarters, max_quarters, document_id)
    ON grading.release_results TO korrigo_read;
