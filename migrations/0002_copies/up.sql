-- Copies, the booklets they came in, and their pages.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.copies (
    id uuid NOT NULL,
    exam_id uuid NOT NULL,
    anonymous_id text NOT NULL,
    status text NOT NULL DEFAULT 'STAGING',
    page_count bigint,
    failure text,
    version bigint NOT NULL DEFAULT 0,
    -- The end of the copy's audit trail. Only the trail's own trigger moves it.
    ev_seq bigint NOT NULL DEFAULT 0,
    ev_head bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT copies_pkey PRIMARY KEY (id),
    CONSTRAINT copies_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT,
    CONSTRAINT copies_exam_and_id UNIQUE (exam_id, id),
    CONSTRAINT copies_anonymous_id_once UNIQUE (exam_id, anonymous_id),
    CONSTRAINT copies_anonymous_id_form CHECK (anonymous_id ~ '^[2-9A-Z]{4}-[2-9A-Z]{4}$'),
    CONSTRAINT copies_status_known CHECK (
        status IN ('STAGING', 'READY', 'LOCKED', 'GRADING_IN_PROGRESS', 'GRADED', 'GRADING_FAILED')
    ),
    CONSTRAINT copies_page_count_range CHECK (page_count BETWEEN 1 AND 10000),
    CONSTRAINT copies_failure_known CHECK (
        failure IN (
            'timeout', 'invalid_pdf', 'encrypted_pdf', 'too_many_pages', 'page_too_large', 'empty_result', 'unknown'
        )
    ),
    -- The columns of each state. A state that brings its own columns gets its own line.
    CONSTRAINT copies_columns_of_state CHECK (
        CASE status
            WHEN 'STAGING' THEN page_count IS NULL OR failure IS NULL
            WHEN 'READY' THEN page_count IS NOT NULL AND failure IS NULL
            ELSE page_count IS NOT NULL
        END
    ),
    CONSTRAINT copies_version_counts_up CHECK (version >= 0),
    CONSTRAINT copies_ev_seq_counts_up CHECK (ev_seq >= 0),
    CONSTRAINT copies_ev_head_length CHECK (octet_length(ev_head) = 32)
);

CREATE INDEX copies_by_status ON grading.copies (status, id);

CREATE TABLE grading.booklets (
    id uuid NOT NULL,
    copy_id uuid NOT NULL,
    exam_id uuid NOT NULL,
    source_digest bytea NOT NULL,
    source_size bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT booklets_pkey PRIMARY KEY (id),
    CONSTRAINT booklets_copy_fkey FOREIGN KEY (exam_id, copy_id)
        REFERENCES grading.copies (exam_id, id) ON DELETE RESTRICT,
    CONSTRAINT booklets_copy_once UNIQUE (copy_id),
    -- The same bytes make one copy of an exam, however often they are uploaded.
    CONSTRAINT booklets_source_once UNIQUE (exam_id, source_digest),
    CONSTRAINT booklets_source_digest_length CHECK (octet_length(source_digest) = 32),
    CONSTRAINT booklets_source_not_empty CHECK (source_size > 0)
);

-- The sweeper of blobs asks whether a digest is still needed.
CREATE INDEX booklets_by_source ON grading.booklets (source_digest);

CREATE TABLE grading.pages (
    copy_id uuid NOT NULL,
    index bigint NOT NULL,
    booklet_id uuid NOT NULL,
    -- As displayed, in thousandths of a point.
    width bigint NOT NULL,
    height bigint NOT NULL,
    rotation text NOT NULL,
    display_digest bytea NOT NULL,
    display_format text NOT NULL,
    thumbnail_digest bytea NOT NULL,
    thumbnail_format text NOT NULL,
    CONSTRAINT pages_pkey PRIMARY KEY (copy_id, index),
    CONSTRAINT pages_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT pages_booklet_fkey FOREIGN KEY (booklet_id) REFERENCES grading.booklets (id) ON DELETE RESTRICT,
    CONSTRAINT pages_index_range CHECK (index BETWEEN 0 AND 9999),
    CONSTRAINT pages_not_empty CHECK (width > 0 AND height > 0),
    CONSTRAINT pages_rotation_known CHECK (rotation IN ('0', '90', '180', '270')),
    CONSTRAINT pages_display_digest_length CHECK (octet_length(display_digest) = 32),
    CONSTRAINT pages_display_format_known CHECK (display_format IN ('image/jpeg', 'image/png')),
    CONSTRAINT pages_thumbnail_digest_length CHECK (octet_length(thumbnail_digest) = 32),
    CONSTRAINT pages_thumbnail_format_known CHECK (thumbnail_format IN ('image/jpeg', 'image/png'))
);

CREATE INDEX pages_by_booklet ON grading.pages (booklet_id);
CREATE INDEX pages_by_display ON grading.pages (display_digest);
CREATE INDEX pages_by_thumbnail ON grading.pages (thumbnail_digest);

-- A copy begins in STAGING, counts each change of itself, and moves only along the table of states.
CREATE FUNCTION grading.copies_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'STAGING' OR NEW.page_count IS NOT NULL OR NEW.failure IS NOT NULL
            OR NEW.version <> 0 OR NEW.ev_seq <> 0 OR NEW.ev_head <> decode(repeat('00', 32), 'hex')
        THEN
            RAISE EXCEPTION 'a copy begins in STAGING' USING ERRCODE = '23514', CONSTRAINT = 'copies_begin';
        END IF;
        RETURN NEW;
    END IF;

    IF NEW.version = OLD.version THEN
        -- Only the end of the trail moves by itself, and only by one event. Whether that event exists is
        -- checked when the transaction commits.
        IF to_jsonb(NEW) - 'ev_seq' - 'ev_head' <> to_jsonb(OLD) - 'ev_seq' - 'ev_head' THEN
            RAISE EXCEPTION 'a copy changes with its version'
                USING ERRCODE = '23514', CONSTRAINT = 'copies_version_step';
        END IF;
        IF NEW.ev_seq <> OLD.ev_seq + 1 THEN
            RAISE EXCEPTION 'a trail grows by one event' USING ERRCODE = '23514', CONSTRAINT = 'copies_trail';
        END IF;
        RETURN NEW;
    END IF;

    IF NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'a version counts up by one' USING ERRCODE = '23514', CONSTRAINT = 'copies_version_step';
    END IF;
    IF NEW.ev_seq <> OLD.ev_seq OR NEW.ev_head <> OLD.ev_head THEN
        RAISE EXCEPTION 'a trail is not moved by hand' USING ERRCODE = '23514', CONSTRAINT = 'copies_trail';
    END IF;
    IF (NEW.id, NEW.exam_id, NEW.anonymous_id, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.exam_id, OLD.anonymous_id, OLD.created_at)
    THEN
        RAISE EXCEPTION 'a copy stays who it is' USING ERRCODE = '23514', CONSTRAINT = 'copies_identity';
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('STAGING', 'READY'),
        ('READY', 'LOCKED'),
        ('LOCKED', 'READY'),
        ('LOCKED', 'GRADING_IN_PROGRESS'),
        ('GRADING_IN_PROGRESS', 'GRADED'),
        ('GRADING_IN_PROGRESS', 'GRADING_FAILED'),
        ('GRADING_FAILED', 'GRADING_IN_PROGRESS'),
        ('GRADING_FAILED', 'READY'),
        ('GRADED', 'READY')
    ) THEN
        RAISE EXCEPTION 'no command leads from % to %', OLD.status, NEW.status
            USING ERRCODE = '23514', CONSTRAINT = 'copies_status_move';
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.copies_guard() FROM PUBLIC;

CREATE TRIGGER copies_guard BEFORE INSERT OR UPDATE ON grading.copies
    FOR EACH ROW EXECUTE FUNCTION grading.copies_guard();

-- No status, version or trail at birth, no trail later, no deletion: what is not granted is refused.
GRANT SELECT ON grading.copies TO korrigo_app, korrigo_read;
GRANT INSERT (id, exam_id, anonymous_id) ON grading.copies TO korrigo_app;
GRANT UPDATE (status, page_count, failure, version) ON grading.copies TO korrigo_app;
GRANT SELECT ON grading.booklets TO korrigo_app, korrigo_read;
GRANT INSERT (id, copy_id, exam_id, source_digest, source_size) ON grading.booklets TO korrigo_app;
GRANT SELECT ON grading.pages TO korrigo_app, korrigo_read;
GRANT INSERT ON grading.pages TO korrigo_app;
