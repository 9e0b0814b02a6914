-- Scans of many copies, and what became of each of their pages.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.exams
    DROP CONSTRAINT exams_layout_known,
    ADD CONSTRAINT exams_layout_known CHECK (layout IN ('A4', 'A3', 'A3_FOLDED'));

CREATE TABLE grading.batches (
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    source_digest bytea NOT NULL,
    source_size bigint NOT NULL,
    -- What the exam said when the scan came.
    pages_per_copy bigint NOT NULL,
    layout text NOT NULL,
    status text NOT NULL DEFAULT 'PENDING',
    page_count bigint,
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CONSTRAINT batches_pkey PRIMARY KEY (id),
    CONSTRAINT batches_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT,
    CONSTRAINT batches_exam_and_id UNIQUE (exam_id, id),
    CONSTRAINT batches_source_digest_length CHECK (octet_length(source_digest) = 32),
    CONSTRAINT batches_source_not_empty CHECK (source_size > 0),
    CONSTRAINT batches_pages_per_copy_range CHECK (pages_per_copy BETWEEN 1 AND 10000),
    CONSTRAINT batches_layout_known CHECK (layout IN ('A4', 'A3', 'A3_FOLDED')),
    CONSTRAINT batches_status_known CHECK (status IN ('PENDING', 'SPLIT', 'FAILED')),
    CONSTRAINT batches_page_count_range CHECK (page_count BETWEEN 1 AND 10000),
    CONSTRAINT batches_failure_known CHECK (
        failure IN (
            'timeout', 'invalid_pdf', 'encrypted_pdf', 'too_many_pages', 'page_too_large', 'empty_result', 'unknown'
        )
    ),
    CONSTRAINT batches_columns_of_state CHECK (
        CASE status
            WHEN 'PENDING' THEN num_nulls(page_count, failure, ended_at) = 3
            WHEN 'SPLIT' THEN failure IS NULL AND num_nulls(page_count, ended_at) = 0
            ELSE page_count IS NULL AND num_nulls(failure, ended_at) = 0
        END
    )
);

-- The sweeper of blobs asks whether a digest is still needed.
CREATE INDEX batches_by_source ON grading.batches (source_digest);

-- A batch begins PENDING and ends once.
CREATE FUNCTION grading.batches_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.status <> 'PENDING' THEN
        RAISE EXCEPTION 'an ended batch does not change' USING ERRCODE = '23514', CONSTRAINT = 'batches_end';
    END IF;
    NEW.ended_at := clock_timestamp();
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.batches_guard() FROM PUBLIC;

CREATE TRIGGER batches_guard BEFORE UPDATE ON grading.batches
    FOR EACH ROW EXECUTE FUNCTION grading.batches_guard();

-- Booklets that were cut out of a scan may look alike. Only what is uploaded by itself comes once.
ALTER TABLE grading.booklets
    ADD COLUMN batch_id uuid,
    ADD COLUMN batch_position bigint,
    ADD CONSTRAINT booklets_batch_fkey FOREIGN KEY (exam_id, batch_id)
        REFERENCES grading.batches (exam_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT booklets_batch_whole CHECK (num_nulls(batch_id, batch_position) IN (0, 2)),
    ADD CONSTRAINT booklets_batch_position_counts_up CHECK (batch_position >= 0),
    ADD CONSTRAINT booklets_batch_and_id UNIQUE (batch_id, id),
    ADD CONSTRAINT booklets_batch_position_once UNIQUE (batch_id, batch_position);
DROP INDEX grading.booklets_source_once;
CREATE UNIQUE INDEX booklets_source_once ON grading.booklets (exam_id, source_digest)
    WHERE NOT discarded AND batch_id IS NULL;

-- Where each page of a scan went, or each half of it.
CREATE TABLE grading.batch_pieces (
    batch_id uuid NOT NULL,
    page bigint NOT NULL,
    part text NOT NULL,
    booklet_id uuid NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT batch_pieces_pkey PRIMARY KEY (batch_id, page, part),
    CONSTRAINT batch_pieces_booklet_fkey FOREIGN KEY (batch_id, booklet_id)
        REFERENCES grading.booklets (batch_id, id) ON DELETE RESTRICT,
    CONSTRAINT batch_pieces_position_once UNIQUE (booklet_id, position),
    CONSTRAINT batch_pieces_page_range CHECK (page BETWEEN 0 AND 9999),
    CONSTRAINT batch_pieces_part_known CHECK (part IN ('whole', 'left', 'right')),
    CONSTRAINT batch_pieces_position_counts_up CHECK (position >= 0)
);

-- What people have to look at.
CREATE TABLE grading.batch_anomalies (
    batch_id uuid NOT NULL,
    page bigint NOT NULL,
    kind text NOT NULL,
    CONSTRAINT batch_anomalies_pkey PRIMARY KEY (batch_id, page, kind),
    CONSTRAINT batch_anomalies_batch_fkey FOREIGN KEY (batch_id) REFERENCES grading.batches (id) ON DELETE RESTRICT,
    CONSTRAINT batch_anomalies_page_range CHECK (page BETWEEN 0 AND 9999),
    CONSTRAINT batch_anomalies_kind_known CHECK (kind IN ('incomplete', 'not_a_sheet', 'no_back'))
);

-- Nothing is added to a batch that has ended.
CREATE FUNCTION grading.batch_parts_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM added JOIN batches ON batches.id = added.batch_id WHERE batches.status <> 'PENDING') THEN
        RAISE EXCEPTION 'an ended batch does not change' USING ERRCODE = '23514', CONSTRAINT = 'batches_end';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.batch_parts_guard() FROM PUBLIC;

CREATE TRIGGER batch_pieces_guard AFTER INSERT ON grading.batch_pieces
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION grading.batch_parts_guard();
CREATE TRIGGER batch_anomalies_guard AFTER INSERT ON grading.batch_anomalies
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION grading.batch_parts_guard();
CREATE TRIGGER booklets_batch_guard AFTER INSERT ON grading.booklets
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION grading.batch_parts_guard();

-- Conservation: every page of the scan is in one booklet, whole or as both of its halves.
CREATE FUNCTION grading.batches_conserve() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
DECLARE
    right_pages bigint;
    all_pages bigint;
BEGIN
    SELECT count(*) FILTER (WHERE page < NEW.page_count AND parts IN ('{whole}', '{left,right}')), count(*)
        INTO right_pages, all_pages
        FROM (
            SELECT page, array_agg(part ORDER BY part) AS parts
            FROM batch_pieces WHERE batch_id = NEW.id GROUP BY page
        ) AS found;
    IF right_pages <> NEW.page_count OR all_pages <> NEW.page_count THEN
        RAISE EXCEPTION 'not every page of the scan is in one booklet'
            USING ERRCODE = '23514', CONSTRAINT = 'batches_conserve';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.batches_conserve() FROM PUBLIC;

CREATE TRIGGER batches_conserve AFTER UPDATE ON grading.batches
    FOR EACH ROW WHEN (NEW.status = 'SPLIT') EXECUTE FUNCTION grading.batches_conserve();

-- A job is about a copy or about a batch.
ALTER TABLE grading.jobs
    ALTER COLUMN copy_id DROP NOT NULL,
    ADD COLUMN batch_id uuid,
    ADD CONSTRAINT jobs_batch_fkey FOREIGN KEY (batch_id) REFERENCES grading.batches (id) ON DELETE RESTRICT,
    DROP CONSTRAINT jobs_kind_known,
    ADD CONSTRAINT jobs_kind_known CHECK (kind IN ('IMPORT_COPY', 'FINALIZE_COPY', 'SPLIT_BATCH')),
    ADD CONSTRAINT jobs_about_one_thing CHECK (
        CASE kind
            WHEN 'SPLIT_BATCH' THEN copy_id IS NULL AND batch_id IS NOT NULL
            ELSE copy_id IS NOT NULL AND batch_id IS NULL
        END
    );
CREATE INDEX jobs_of_batch ON grading.jobs (batch_id, id) WHERE batch_id IS NOT NULL;

GRANT INSERT (batch_id) ON grading.jobs TO korrigo_app;
GRANT INSERT (batch_id, batch_position) ON grading.booklets TO korrigo_app;
GRANT SELECT ON grading.batches TO korrigo_app, korrigo_read;
GRANT INSERT (id, exam_id, source_digest, source_size, pages_per_copy, layout) ON grading.batches TO korrigo_app;
GRANT UPDATE (status, page_count, failure) ON grading.batches TO korrigo_app;
GRANT SELECT, INSERT ON grading.batch_pieces TO korrigo_app;
GRANT SELECT ON grading.batch_pieces TO korrigo_read;
GRANT SELECT, INSERT ON grading.batch_anomalies TO korrigo_app;
GRANT SELECT ON grading.batch_anomalies TO korrigo_read;
