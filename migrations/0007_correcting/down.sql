SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.grading_events
    DROP CONSTRAINT grading_events_metadata_closed,
    DROP CONSTRAINT grading_events_action_known,
    ADD CONSTRAINT grading_events_action_known CHECK (action IN ('IMPORT', 'VALIDATE')),
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
                AND (metadata ->> 'error_code' ~ '^[a-z_]{1,40}$') IS NOT FALSE
            WHEN 'VALIDATE' THEN
                metadata - ARRAY['pages'] = '{}'
                AND metadata ?& ARRAY['pages']
                AND jsonb_typeof(metadata -> 'pages') = 'number'
            ELSE false
        END
    ) IS TRUE);

DROP TABLE grading.documents;
DROP TABLE grading.drafts;
DROP TABLE grading.appreciations;
DROP TABLE grading.remarks;
DROP TABLE grading.scores;
DROP TABLE grading.annotations;
DROP FUNCTION grading.corrections_need_a_lock();
DROP TABLE grading.locks;
DROP TABLE grading.copy_authors;

ALTER TABLE grading.jobs
    DROP CONSTRAINT jobs_kind_known,
    ADD CONSTRAINT jobs_kind_known CHECK (kind IN ('IMPORT_COPY'));

DROP INDEX grading.pages_by_redacted_thumbnail;
DROP INDEX grading.pages_by_redacted_display;
ALTER TABLE grading.pages
    DROP CONSTRAINT pages_redacted_format_known,
    DROP CONSTRAINT pages_redacted_digest_length,
    DROP CONSTRAINT pages_redacted_whole,
    DROP COLUMN redacted_thumbnail_format,
    DROP COLUMN redacted_thumbnail_digest,
    DROP COLUMN redacted_display_format,
    DROP COLUMN redacted_display_digest;

DROP INDEX grading.booklets_source_once;
ALTER TABLE grading.booklets
    DROP COLUMN discarded,
    ADD CONSTRAINT booklets_source_once UNIQUE (exam_id, source_digest);

DROP TRIGGER copies_correcting_guard ON grading.copies;
DROP FUNCTION grading.copies_correcting_guard();
ALTER TABLE grading.copies
    DROP CONSTRAINT copies_lock_fence_counts_up,
    DROP CONSTRAINT copies_retries_count_up,
    DROP CONSTRAINT copies_score_range,
    DROP CONSTRAINT copies_columns_of_state,
    DROP COLUMN retries,
    DROP COLUMN max_quarters,
    DROP COLUMN score_quarters,
    DROP COLUMN lock_fence,
    DROP COLUMN discarded,
    ADD CONSTRAINT copies_columns_of_state CHECK (
        CASE status
            WHEN 'STAGING' THEN page_count IS NULL OR failure IS NULL
            WHEN 'READY' THEN page_count IS NOT NULL AND failure IS NULL
            ELSE page_count IS NOT NULL
        END
    );

REVOKE DELETE ON grading.exam_correctors FROM korrigo_app;
REVOKE UPDATE (
    name, date, pages_per_copy, layout, zone_pages, zone_x, zone_y, zone_w, zone_h, version, marking_scheme,
    released_at
) ON grading.exams FROM korrigo_app;
ALTER TABLE grading.exams
    DROP CONSTRAINT exams_marking_scheme_is_a_list,
    DROP COLUMN released_at,
    DROP COLUMN marking_scheme;
