-- What was given changes with an event that says so, and the database knows what was vouched for last.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Asked when the transaction commits: an event that this transaction wrote says of the copy what the row says now, as far
-- as an event may say it. The event is one of the last of the copy, so it is looked for from the end. A transaction that
-- writes it in a savepoint is refused too: those have numbers of their own.
CREATE FUNCTION grading.corrections_require_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = grading, pg_temp AS $$
DECLARE
    changed record;
    happened text;
    said jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        -- The words about a copy go with its pages, and its own event says so. Its points stay.
        IF TG_TABLE_NAME IN ('annotations', 'remarks', 'appreciations')
            AND EXISTS (SELECT FROM copies WHERE id = OLD.copy_id AND erased)
        THEN
            RETURN NULL;
        END IF;
        changed := OLD;
    ELSE
        changed := NEW;
    END IF;
    CASE TG_TABLE_NAME
        WHEN 'annotations' THEN
            happened := CASE TG_OP WHEN 'INSERT' THEN 'CREATE_ANN' WHEN 'UPDATE' THEN 'UPDATE_ANN' ELSE 'DELETE_ANN' END;
            said := jsonb_build_object('annotation_id', changed.id, 'page', changed.page_index);
        WHEN 'scores' THEN
            happened := 'SCORE';
            said := jsonb_build_object('question_id', changed.question_id, 'points',
                CASE WHEN TG_OP <> 'DELETE' THEN trim_scale(changed.quarters * 0.25)::text END);
        WHEN 'remarks' THEN
            happened := 'REMARK';
            said := jsonb_build_object(
                'target', 'question', 'question_id', changed.question_id, 'cleared', TG_OP = 'DELETE');
        WHEN 'appreciations' THEN
            happened := 'REMARK';
            said := jsonb_build_object('target', 'copy', 'cleared', TG_OP = 'DELETE');
        ELSE
            happened := 'CORRECTION';
            said := jsonb_build_object('change_set_id', changed.change_set_id, 'delta',
                trim_scale(changed.delta_quarters * 0.25)::text);
    END CASE;
    PERFORM FROM grading_events
        WHERE copy_id = changed.copy_id AND xmin = pg_current_xact_id()::xid AND action = happened AND metadata @> said
        ORDER BY seq DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'what was given does not change without an event'
            USING ERRCODE = '23514', CONSTRAINT = 'corrections_event_of_change';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.corrections_require_event() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER annotations_require_event AFTER INSERT OR UPDATE OR DELETE ON grading.annotations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grading.corrections_require_event();
CREATE CONSTRAINT TRIGGER scores_require_event AFTER INSERT OR UPDATE OR DELETE ON grading.scores
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grading.corrections_require_event();
CREATE CONSTRAINT TRIGGER remarks_require_event AFTER INSERT OR UPDATE OR DELETE ON grading.remarks
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grading.corrections_require_event();
CREATE CONSTRAINT TRIGGER appreciations_require_event AFTER INSERT OR UPDATE OR DELETE ON grading.appreciations
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grading.corrections_require_event();
CREATE CONSTRAINT TRIGGER adjustments_require_event AFTER INSERT OR UPDATE OR DELETE ON grading.adjustments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION grading.corrections_require_event();

-- What the last checkpoint vouches for: whoever takes its file away, or puts an older one there, is contradicted. It only
-- grows; that it is forgotten is for an operator to decide, as the owner.
CREATE TABLE grading.audit_vouched (
    single boolean NOT NULL DEFAULT true,
    size bigint NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT audit_vouched_pkey PRIMARY KEY (single),
    CONSTRAINT audit_vouched_one_row CHECK (single),
    CONSTRAINT audit_vouched_size_counts_up CHECK (size >= 0),
    CONSTRAINT audit_vouched_root_length CHECK (octet_length(root) = 32)
);

CREATE FUNCTION grading.audit_vouched_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.size <= OLD.size THEN
        RAISE EXCEPTION 'what was vouched for is not taken back'
            USING ERRCODE = '23514', CONSTRAINT = 'audit_vouched_grows';
    END IF;
    -- The leaves, since whoever may vouch may also say how large the frontier is.
    IF NEW.size > (SELECT coalesce(max(position) + 1, 0) FROM grading.audit_leaves) THEN
        RAISE EXCEPTION 'nobody vouches for what is not in the tree'
            USING ERRCODE = '23514', CONSTRAINT = 'audit_vouched_in_tree';
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.audit_vouched_guard() FROM PUBLIC;

CREATE TRIGGER audit_vouched_guard BEFORE INSERT OR UPDATE ON grading.audit_vouched
    FOR EACH ROW EXECUTE FUNCTION grading.audit_vouched_guard();

GRANT SELECT ON grading.audit_vouched TO korrigo_app, korrigo_read;
GRANT INSERT (size, root), UPDATE (size, root) ON grading.audit_vouched TO korrigo_app;
-- Diagnosis compares points with the trail, which it may read, too.
GRANT SELECT (quarters) ON grading.scores TO korrigo_read;
GRANT SELECT (delta_quarters) ON grading.adjustments TO korrigo_read;
GRANT SELECT (points) ON grading.release_results TO korrigo_read;
