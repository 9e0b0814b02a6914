-- Correcting: marking schemes, locks, annotations, scores, remarks, drafts, and the corrected documents.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Exams: what questions are worth, and whether pupils see their results.
ALTER TABLE grading.exams
    ADD COLUMN marking_scheme jsonb,
    ADD COLUMN released_at timestamptz,
    ADD CONSTRAINT exams_marking_scheme_is_a_list CHECK (
        (jsonb_typeof(marking_scheme) = 'array' AND jsonb_array_length(marking_scheme) > 0) IS NOT FALSE
    );

GRANT UPDATE (
    name, date, pages_per_copy, layout, zone_pages, zone_x, zone_y, zone_w, zone_h, version, marking_scheme,
    released_at
) ON grading.exams TO korrigo_app;
GRANT DELETE ON grading.exam_correctors TO korrigo_app;
GRANT SELECT (released_at) ON grading.exams TO korrigo_read;

-- Copies: what they were given, which lock was their last, and whether they were put aside. Points are whole
-- quarters.
ALTER TABLE grading.copies
    ADD COLUMN discarded boolean NOT NULL DEFAULT false,
    ADD COLUMN lock_fence bigint NOT NULL DEFAULT 0,
    ADD COLUMN score_quarters bigint,
    ADD COLUMN max_quarters bigint,
    ADD COLUMN retries bigint,
    DROP CONSTRAINT copies_columns_of_state,
    ADD CONSTRAINT copies_columns_of_state CHECK (
        CASE status
            WHEN 'STAGING' THEN
                (page_count IS NULL OR failure IS NULL)
                AND num_nonnulls(score_quarters, max_quarters, retries) = 0
            WHEN 'READY' THEN
                page_count IS NOT NULL AND failure IS NULL AND NOT discarded
                AND num_nonnulls(score_quarters, max_quarters, retries) = 0
            WHEN 'LOCKED' THEN
                page_count IS NOT NULL AND failure IS NULL AND NOT discarded AND lock_fence > 0
                AND num_nonnulls(score_quarters, max_quarters, retries) = 0
            WHEN 'GRADING_FAILED' THEN
                page_count IS NOT NULL AND failure IS NOT NULL AND NOT discarded
                AND num_nulls(score_quarters, max_quarters, retries) = 0
            ELSE
                page_count IS NOT NULL AND failure IS NULL AND NOT discarded
                AND num_nulls(score_quarters, max_quarters, retries) = 0
        END
    ),
    ADD CONSTRAINT copies_score_range CHECK (score_quarters BETWEEN 0 AND max_quarters),
    ADD CONSTRAINT copies_retries_count_up CHECK (retries >= 0),
    ADD CONSTRAINT copies_lock_fence_counts_up CHECK (lock_fence >= 0);

GRANT UPDATE (discarded, lock_fence, score_quarters, max_quarters, retries) ON grading.copies TO korrigo_app;

-- A copy that was put aside stays there, and an old lock stays powerless.
CREATE FUNCTION grading.copies_correcting_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF OLD.discarded AND NEW.version <> OLD.version THEN
        RAISE EXCEPTION 'a discarded copy does not change'
            USING ERRCODE = '23514', CONSTRAINT = 'copies_discarded_stays';
    END IF;
    IF NEW.lock_fence < OLD.lock_fence OR (NEW.status = 'LOCKED' AND OLD.status <> 'LOCKED'
        AND NEW.lock_fence = OLD.lock_fence)
    THEN
        RAISE EXCEPTION 'a lock has a new fence' USING ERRCODE = '23514', CONSTRAINT = 'copies_lock_fence';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.copies_correcting_guard() FROM PUBLIC;

CREATE TRIGGER copies_correcting_guard BEFORE UPDATE ON grading.copies
    FOR EACH ROW EXECUTE FUNCTION grading.copies_correcting_guard();

-- The same bytes make one copy of an exam, not counting copies that were put aside.
ALTER TABLE grading.booklets
    ADD COLUMN discarded boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT booklets_source_once;
CREATE UNIQUE INDEX booklets_source_once ON grading.booklets (exam_id, source_digest) WHERE NOT discarded;
GRANT UPDATE (discarded) ON grading.booklets TO korrigo_app;

-- Pages: the images without what shows who wrote them.
ALTER TABLE grading.pages
    ADD COLUMN redacted_display_digest bytea,
    ADD COLUMN redacted_display_format text,
    ADD COLUMN redacted_thumbnail_digest bytea,
    ADD COLUMN redacted_thumbnail_format text,
    ADD CONSTRAINT pages_redacted_whole CHECK (
        num_nulls(
            redacted_display_digest, redacted_display_format, redacted_thumbnail_digest, redacted_thumbnail_format
        ) IN (0, 4)
    ),
    ADD CONSTRAINT pages_redacted_digest_length CHECK (
        octet_length(redacted_display_digest) = 32 AND octet_length(redacted_thumbnail_digest) = 32
    ),
    ADD CONSTRAINT pages_redacted_format_known CHECK (
        redacted_display_format IN ('image/jpeg', 'image/png')
        AND redacted_thumbnail_format IN ('image/jpeg', 'image/png')
    );
CREATE INDEX pages_by_redacted_display ON grading.pages (redacted_display_digest)
    WHERE redacted_display_digest IS NOT NULL;
CREATE INDEX pages_by_redacted_thumbnail ON grading.pages (redacted_thumbnail_digest)
    WHERE redacted_thumbnail_digest IS NOT NULL;

ALTER TABLE grading.jobs
    DROP CONSTRAINT jobs_kind_known,
    ADD CONSTRAINT jobs_kind_known CHECK (kind IN ('IMPORT_COPY', 'FINALIZE_COPY'));

-- Whose copy it is. Apart from the copy and from the trail, so that it can be forgotten.
CREATE TABLE grading.copy_authors (
    copy_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT copy_authors_pkey PRIMARY KEY (copy_id),
    CONSTRAINT copy_authors_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT copy_authors_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT
);
CREATE INDEX copy_authors_by_user ON grading.copy_authors (user_id, copy_id);
GRANT SELECT ON grading.copy_authors TO korrigo_app;

-- Who corrects a copy at the moment.
CREATE TABLE grading.locks (
    copy_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    token_digest bytea NOT NULL,
    fence bigint NOT NULL,
    ttl_seconds bigint NOT NULL,
    acquired_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT locks_pkey PRIMARY KEY (copy_id),
    CONSTRAINT locks_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT locks_owner_fkey FOREIGN KEY (owner_id) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT locks_token_digest_length CHECK (octet_length(token_digest) = 32),
    CONSTRAINT locks_ttl_range CHECK (ttl_seconds BETWEEN 60 AND 3600),
    CONSTRAINT locks_fence_counts_up CHECK (fence > 0)
);
CREATE INDEX locks_by_end ON grading.locks (expires_at);
CREATE INDEX locks_of_owner ON grading.locks (owner_id);
GRANT SELECT, DELETE ON grading.locks TO korrigo_app;
GRANT INSERT (copy_id, owner_id, token_digest, fence, ttl_seconds, expires_at) ON grading.locks TO korrigo_app;
GRANT UPDATE (token_digest, ttl_seconds, expires_at) ON grading.locks TO korrigo_app;
GRANT SELECT (copy_id, owner_id, fence, ttl_seconds, acquired_at, expires_at) ON grading.locks TO korrigo_read;

CREATE TABLE grading.annotations (
    id uuid NOT NULL,
    copy_id uuid NOT NULL,
    page_index bigint NOT NULL,
    -- Millionths of the displayed page.
    x bigint NOT NULL,
    y bigint NOT NULL,
    w bigint NOT NULL,
    h bigint NOT NULL,
    kind text NOT NULL,
    text text,
    ink jsonb NOT NULL,
    -- How many points these lines have together.
    ink_points bigint NOT NULL,
    delta_quarters bigint,
    question_id text,
    created_by uuid NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT annotations_pkey PRIMARY KEY (id),
    CONSTRAINT annotations_page_fkey FOREIGN KEY (copy_id, page_index)
        REFERENCES grading.pages (copy_id, index) ON DELETE RESTRICT,
    CONSTRAINT annotations_user_fkey FOREIGN KEY (created_by) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT annotations_within_page CHECK (
        x >= 0 AND y >= 0 AND w > 0 AND h > 0 AND x + w <= 1000000 AND y + h <= 1000000
    ),
    CONSTRAINT annotations_kind_known CHECK (
        kind IN ('COMMENT', 'HIGHLIGHT', 'ERROR', 'BONUS', 'INK', 'STAMP')
    ),
    CONSTRAINT annotations_text_length CHECK (char_length(text) BETWEEN 1 AND 4000),
    CONSTRAINT annotations_ink_of_kind CHECK (
        jsonb_typeof(ink) = 'array' AND (kind = 'INK') = (jsonb_array_length(ink) > 0)
    ),
    CONSTRAINT annotations_delta_range CHECK (delta_quarters BETWEEN -4000 AND 4000),
    CONSTRAINT annotations_question_form CHECK (question_id ~ '^[A-Za-z0-9._-]{1,32}$'),
    CONSTRAINT annotations_version_counts_up CHECK (version >= 0)
);
CREATE INDEX annotations_of_copy ON grading.annotations (copy_id, id);

CREATE TABLE grading.scores (
    copy_id uuid NOT NULL,
    question_id text NOT NULL,
    quarters bigint NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scores_pkey PRIMARY KEY (copy_id, question_id),
    CONSTRAINT scores_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT scores_question_form CHECK (question_id ~ '^[A-Za-z0-9._-]{1,32}$'),
    CONSTRAINT scores_range CHECK (quarters BETWEEN 0 AND 4000)
);

CREATE TABLE grading.remarks (
    copy_id uuid NOT NULL,
    question_id text NOT NULL,
    text text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT remarks_pkey PRIMARY KEY (copy_id, question_id),
    CONSTRAINT remarks_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT remarks_question_form CHECK (question_id ~ '^[A-Za-z0-9._-]{1,32}$'),
    CONSTRAINT remarks_text_length CHECK (char_length(text) BETWEEN 1 AND 4000)
);

CREATE TABLE grading.appreciations (
    copy_id uuid NOT NULL,
    text text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT appreciations_pkey PRIMARY KEY (copy_id),
    CONSTRAINT appreciations_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT appreciations_text_length CHECK (char_length(text) BETWEEN 1 AND 4000)
);

-- What is on a copy changes while somebody has its lock, and at no other time.
CREATE FUNCTION grading.corrections_need_a_lock() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
DECLARE
    corrected uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.copy_id ELSE NEW.copy_id END;
BEGIN
    IF NOT EXISTS (SELECT FROM grading.copies WHERE id = corrected AND status = 'LOCKED') THEN
        RAISE EXCEPTION 'only a locked copy is corrected'
            USING ERRCODE = '23514', CONSTRAINT = 'corrections_need_a_lock';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.corrections_need_a_lock() FROM PUBLIC;

CREATE TRIGGER annotations_need_a_lock BEFORE INSERT OR UPDATE OR DELETE ON grading.annotations
    FOR EACH ROW EXECUTE FUNCTION grading.corrections_need_a_lock();
CREATE TRIGGER scores_need_a_lock BEFORE INSERT OR UPDATE OR DELETE ON grading.scores
    FOR EACH ROW EXECUTE FUNCTION grading.corrections_need_a_lock();
CREATE TRIGGER remarks_need_a_lock BEFORE INSERT OR UPDATE OR DELETE ON grading.remarks
    FOR EACH ROW EXECUTE FUNCTION grading.corrections_need_a_lock();
CREATE TRIGGER appreciations_need_a_lock BEFORE INSERT OR UPDATE OR DELETE ON grading.appreciations
    FOR EACH ROW EXECUTE FUNCTION grading.corrections_need_a_lock();

GRANT SELECT, DELETE ON grading.annotations, grading.scores, grading.remarks, grading.appreciations TO korrigo_app;
GRANT INSERT (
    id, copy_id, page_index, x, y, w, h, kind, text, ink, ink_points, delta_quarters, question_id, created_by
) ON grading.annotations TO korrigo_app;
GRANT UPDATE (page_index, x, y, w, h, kind, text, ink, ink_points, delta_quarters, question_id, version)
    ON grading.annotations TO korrigo_app;
GRANT INSERT (copy_id, question_id, quarters), UPDATE (quarters) ON grading.scores TO korrigo_app;
GRANT INSERT (copy_id, question_id, text), UPDATE (text) ON grading.remarks TO korrigo_app;
GRANT INSERT (copy_id, text), UPDATE (text) ON grading.appreciations TO korrigo_app;
-- Diagnosis sees that something is there, and not what it says.
GRANT SELECT (id, copy_id, page_index, kind, question_id, created_by, version, created_at, updated_at)
    ON grading.annotations TO korrigo_read;
GRANT SELECT (copy_id, question_id, updated_at) ON grading.scores, grading.remarks TO korrigo_read;
GRANT SELECT (copy_id, updated_at) ON grading.appreciations TO korrigo_read;

-- What a window has not saved yet. It needs no lock and survives a lost one.
CREATE TABLE grading.drafts (
    copy_id uuid NOT NULL,
    user_id uuid NOT NULL,
    client_id text NOT NULL,
    version bigint NOT NULL,
    -- Nothing, when it was taken back. The row stays: its version must only grow.
    payload text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT drafts_pkey PRIMARY KEY (copy_id, user_id),
    CONSTRAINT drafts_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT drafts_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT drafts_client_length CHECK (char_length(client_id) BETWEEN 1 AND 64),
    CONSTRAINT drafts_payload_length CHECK (octet_length(payload) <= 262144),
    CONSTRAINT drafts_version_counts_up CHECK (version > 0)
);
CREATE INDEX drafts_of_user ON grading.drafts (user_id);
GRANT SELECT ON grading.drafts TO korrigo_app;
GRANT INSERT (copy_id, user_id, client_id, version, payload), UPDATE (client_id, version, payload, updated_at)
    ON grading.drafts TO korrigo_app;
GRANT SELECT (copy_id, user_id, version, updated_at) ON grading.drafts TO korrigo_read;

-- Every corrected document that was ever made, the latest last.
CREATE TABLE grading.documents (
    job_id uuid NOT NULL,
    copy_id uuid NOT NULL,
    digest bytea NOT NULL,
    size bigint NOT NULL,
    pages bigint NOT NULL,
    anonymous_digest bytea,
    anonymous_size bigint,
    anonymous_pages bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT documents_pkey PRIMARY KEY (job_id),
    CONSTRAINT documents_job_fkey FOREIGN KEY (job_id) REFERENCES grading.jobs (id) ON DELETE RESTRICT,
    CONSTRAINT documents_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT documents_digest_length CHECK (octet_length(digest) = 32),
    CONSTRAINT documents_not_empty CHECK (size > 0 AND pages > 0),
    CONSTRAINT documents_anonymous_whole CHECK (
        num_nulls(anonymous_digest, anonymous_size, anonymous_pages) IN (0, 3)
    ),
    CONSTRAINT documents_anonymous_digest_length CHECK (octet_length(anonymous_digest) = 32),
    CONSTRAINT documents_anonymous_not_empty CHECK (anonymous_size > 0 AND anonymous_pages > 0)
);
CREATE INDEX documents_of_copy ON grading.documents (copy_id, job_id);
CREATE INDEX documents_by_digest ON grading.documents (digest);
CREATE INDEX documents_by_anonymous_digest ON grading.documents (anonymous_digest)
    WHERE anonymous_digest IS NOT NULL;
GRANT SELECT ON grading.documents TO korrigo_app, korrigo_read;
GRANT INSERT (
    job_id, copy_id, digest, size, pages, anonymous_digest, anonymous_size, anonymous_pages
) ON grading.documents TO korrigo_app;

-- The trail learns the new actions. Points are decimal texts, ids of questions have a narrow form. A JSON null, number
-- or boolean has no way in where a text is meant: its text may look like one.
ALTER TABLE grading.grading_events
    DROP CONSTRAINT grading_events_action_known,
    DROP CONSTRAINT grading_events_metadata_closed,
    ADD CONSTRAINT grading_events_action_known CHECK (
        action IN (
            'IMPORT', 'VALIDATE', 'LOCK', 'UNLOCK', 'FORCE_UNLOCK', 'CREATE_ANN', 'UPDATE_ANN', 'DELETE_ANN',
            'SCORE', 'REMARK', 'FINALIZE', 'EXPORT', 'REOPEN', 'DISCARD', 'RETRY'
        )
    ),
    ADD CONSTRAINT grading_events_metadata_closed CHECK ((
        jsonb_typeof(metadata) = 'object' AND CASE action
            WHEN 'IMPORT' THEN
                metadata - ARRAY['filename', 'pages', 'success', 'sha256', 'bytes', 'attempt', 'error_code'] = '{}'
                AND metadata ?& ARRAY['filename', 'pages', 'success', 'sha256', 'bytes', 'attempt']
                -- The server's own name for the file. What the client called it is not kept.
                AND metadata ->> 'filename' = copy_id::text || '.pdf'
                AND metadata ->> 'sha256' ~ '^[0-9a-f]{64}$'
                AND jsonb_typeof(metadata -> 'pages') = 'number'
                AND jsonb_typeof(metadata -> 'bytes') = 'number'
                AND jsonb_typeof(metadata -> 'attempt') = 'number'
                AND jsonb_typeof(metadata -> 'success') = 'boolean'
                AND (metadata -> 'success' = 'true') <> (metadata ? 'error_code')
                AND (
                    jsonb_typeof(metadata -> 'error_code') = 'string' AND metadata ->> 'error_code' ~ '^[a-z_]{1,40}$'
                ) IS NOT FALSE
            WHEN 'VALIDATE' THEN
                metadata - ARRAY['pages'] = '{}'
                AND metadata ?& ARRAY['pages']
                AND jsonb_typeof(metadata -> 'pages') = 'number'
            WHEN 'LOCK' THEN
                metadata - ARRAY['fence'] = '{}'
                AND jsonb_typeof(metadata -> 'fence') = 'number'
            WHEN 'UNLOCK' THEN
                metadata - ARRAY['fence', 'reason'] = '{}'
                AND jsonb_typeof(metadata -> 'fence') = 'number'
                AND metadata ->> 'reason' IN ('released', 'expired', 'finalized')
            WHEN 'FORCE_UNLOCK' THEN
                metadata - ARRAY['fence', 'reason'] = '{}'
                AND jsonb_typeof(metadata -> 'fence') = 'number'
                AND jsonb_typeof(metadata -> 'reason') = 'string'
                AND metadata ->> 'reason' ~ '^[a-z_]{1,40}$'
            WHEN 'CREATE_ANN' THEN
                metadata - ARRAY['annotation_id', 'page'] = '{}'
                AND metadata ->> 'annotation_id' ~ '^[0-9a-f-]{36}$'
                AND jsonb_typeof(metadata -> 'page') = 'number'
            WHEN 'UPDATE_ANN' THEN
                metadata - ARRAY['annotation_id', 'page', 'fields'] = '{}'
                AND metadata ->> 'annotation_id' ~ '^[0-9a-f-]{36}$'
                AND jsonb_typeof(metadata -> 'page') = 'number'
                AND jsonb_typeof(metadata -> 'fields') = 'array'
                AND metadata -> 'fields' <> '[]'
                AND metadata -> 'fields' <@ '["page_index", "rectangle", "kind", "text", "ink", "score_delta", "question_id"]'
            WHEN 'DELETE_ANN' THEN
                metadata - ARRAY['annotation_id', 'page'] = '{}'
                AND metadata ->> 'annotation_id' ~ '^[0-9a-f-]{36}$'
                AND jsonb_typeof(metadata -> 'page') = 'number'
            WHEN 'SCORE' THEN
                metadata - ARRAY['question_id', 'points', 'previous'] = '{}'
                AND jsonb_typeof(metadata -> 'question_id') = 'string'
                AND jsonb_typeof(metadata -> 'points') IN ('string', 'null')
                AND jsonb_typeof(metadata -> 'previous') IN ('string', 'null')
                AND metadata ->> 'question_id' ~ '^[A-Za-z0-9._-]{1,32}$'
                AND (metadata ->> 'points' ~ '^[0-9]{1,4}(\.[0-9]{1,2})?$') IS NOT FALSE
                AND (metadata ->> 'previous' ~ '^[0-9]{1,4}(\.[0-9]{1,2})?$') IS NOT FALSE
            WHEN 'REMARK' THEN
                metadata - ARRAY['target', 'question_id', 'cleared'] = '{}'
                AND metadata ->> 'target' IN ('question', 'copy')
                AND (metadata ->> 'target' = 'question') = (metadata ? 'question_id')
                AND (
                    jsonb_typeof(metadata -> 'question_id') = 'string'
                    AND metadata ->> 'question_id' ~ '^[A-Za-z0-9._-]{1,32}$'
                ) IS NOT FALSE
                AND jsonb_typeof(metadata -> 'cleared') = 'boolean'
            WHEN 'FINALIZE' THEN
                metadata - ARRAY['final_score', 'max_score', 'retries', 'success', 'pdf_sha256', 'error_code'] = '{}'
                AND jsonb_typeof(metadata -> 'final_score') = 'string'
                AND metadata ->> 'final_score' ~ '^[0-9]{1,6}(\.[0-9]{1,2})?$'
                AND jsonb_typeof(metadata -> 'max_score') = 'string'
                AND metadata ->> 'max_score' ~ '^[0-9]{1,6}(\.[0-9]{1,2})?$'
                AND jsonb_typeof(metadata -> 'retries') = 'number'
                AND jsonb_typeof(metadata -> 'success') = 'boolean'
                AND (metadata -> 'success' = 'true') = (metadata ? 'pdf_sha256')
                AND (metadata -> 'success' = 'true') <> (metadata ? 'error_code')
                AND (
                    jsonb_typeof(metadata -> 'pdf_sha256') = 'string'
                    AND metadata ->> 'pdf_sha256' ~ '^[0-9a-f]{64}$'
                ) IS NOT FALSE
                AND (
                    jsonb_typeof(metadata -> 'error_code') = 'string' AND metadata ->> 'error_code' ~ '^[a-z_]{1,40}$'
                ) IS NOT FALSE
            WHEN 'EXPORT' THEN
                metadata - ARRAY['variant', 'sha256'] = '{}'
                AND metadata ->> 'variant' IN ('full', 'anonymous')
                AND metadata ->> 'sha256' ~ '^[0-9a-f]{64}$'
            WHEN 'REOPEN' THEN
                metadata - ARRAY['reason'] = '{}'
                AND jsonb_typeof(metadata -> 'reason') = 'string'
                AND metadata ->> 'reason' ~ '^[a-z_]{1,40}$'
            WHEN 'DISCARD' THEN
                metadata - ARRAY['reason'] = '{}'
                AND jsonb_typeof(metadata -> 'reason') = 'string'
                AND metadata ->> 'reason' ~ '^[a-z_]{1,40}$'
            WHEN 'RETRY' THEN
                metadata - ARRAY['job'] = '{}'
                AND metadata ->> 'job' IN ('IMPORT_COPY', 'FINALIZE_COPY')
            ELSE false
        END
    ) IS TRUE);
