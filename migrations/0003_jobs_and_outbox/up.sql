-- Work for workers, and the messages that announce it.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.jobs (
    id uuid NOT NULL,
    kind text NOT NULL,
    copy_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    state text NOT NULL,
    attempt bigint NOT NULL,
    max_attempts bigint NOT NULL,
    fence bigint NOT NULL,
    worker_id uuid,
    lease_until timestamptz,
    progress_done bigint NOT NULL,
    progress_total bigint NOT NULL,
    failure text,
    next_attempt_at timestamptz,
    revision bigint NOT NULL,
    request_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_copy_fkey FOREIGN KEY (copy_id) REFERENCES grading.copies (id) ON DELETE RESTRICT,
    CONSTRAINT jobs_owner_fkey FOREIGN KEY (owner_id) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT jobs_kind_known CHECK (kind IN ('IMPORT_COPY')),
    CONSTRAINT jobs_state_known CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    CONSTRAINT jobs_attempts_count_up CHECK (attempt >= 0 AND max_attempts > 0),
    CONSTRAINT jobs_progress_counts_up CHECK (progress_done >= 0 AND progress_total >= 0),
    CONSTRAINT jobs_fence_counts_up CHECK (fence >= 0),
    CONSTRAINT jobs_revision_counts_up CHECK (revision >= 0),
    CONSTRAINT jobs_failure_known CHECK (
        failure IN (
            'timeout', 'invalid_pdf', 'encrypted_pdf', 'too_many_pages', 'page_too_large', 'empty_result', 'unknown'
        )
    ),
    CONSTRAINT jobs_request_id_form CHECK (request_id ~ '^[A-Za-z0-9._-]{8,64}$'),
    CONSTRAINT jobs_columns_of_state CHECK (
        CASE state
            WHEN 'QUEUED' THEN num_nulls(worker_id, lease_until, finished_at) = 3
            WHEN 'RUNNING' THEN num_nulls(worker_id, lease_until) = 0 AND finished_at IS NULL
            WHEN 'SUCCEEDED' THEN num_nulls(worker_id, lease_until, failure) = 3 AND finished_at IS NOT NULL
            WHEN 'FAILED' THEN num_nulls(worker_id, lease_until) = 2 AND num_nulls(failure, finished_at) = 0
            ELSE num_nulls(worker_id, lease_until) = 2 AND finished_at IS NOT NULL
        END
    )
);

CREATE INDEX jobs_of_copy ON grading.jobs (copy_id, id);
CREATE INDEX jobs_of_owner ON grading.jobs (owner_id, id);
CREATE INDEX jobs_running_by_lease ON grading.jobs (lease_until) WHERE state = 'RUNNING';
CREATE INDEX jobs_queued ON grading.jobs (updated_at) WHERE state = 'QUEUED';

-- An ended job stays ended, an old fence stays powerless.
CREATE FUNCTION grading.jobs_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.finished_at IS NOT NULL THEN
            RAISE EXCEPTION 'an ended job does not change' USING ERRCODE = '23514', CONSTRAINT = 'jobs_end';
        END IF;
        IF NEW.fence < OLD.fence OR NEW.revision < OLD.revision THEN
            RAISE EXCEPTION 'a job does not go back' USING ERRCODE = '23514', CONSTRAINT = 'jobs_fence';
        END IF;
        NEW.updated_at := clock_timestamp();
    END IF;
    IF NEW.state IN ('SUCCEEDED', 'FAILED', 'CANCELLED') THEN
        NEW.finished_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION grading.jobs_guard() FROM PUBLIC;

CREATE TRIGGER jobs_guard BEFORE INSERT OR UPDATE ON grading.jobs
    FOR EACH ROW EXECUTE FUNCTION grading.jobs_guard();

-- Wakes those who watch a job. The payload is the id; what changed is read from the table.
CREATE FUNCTION grading.jobs_notify() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    PERFORM pg_notify('korrigo_jobs', NEW.id::text);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.jobs_notify() FROM PUBLIC;

CREATE TRIGGER jobs_notify_insert AFTER INSERT ON grading.jobs
    FOR EACH ROW EXECUTE FUNCTION grading.jobs_notify();
CREATE TRIGGER jobs_notify_update AFTER UPDATE ON grading.jobs
    FOR EACH ROW WHEN (NEW.revision <> OLD.revision) EXECUTE FUNCTION grading.jobs_notify();

CREATE TABLE grading.outbox (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    routing_key text NOT NULL,
    type text NOT NULL,
    body bytea NOT NULL,
    request_id text NOT NULL,
    traceparent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    available_at timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,
    attempts bigint NOT NULL DEFAULT 0,
    sent_at timestamptz,
    last_error text,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_job_fkey FOREIGN KEY (job_id) REFERENCES grading.jobs (id) ON DELETE RESTRICT,
    CONSTRAINT outbox_routing_key_length CHECK (octet_length(routing_key) BETWEEN 1 AND 255),
    CONSTRAINT outbox_type_length CHECK (octet_length(type) BETWEEN 1 AND 255),
    -- Messages carry ids. Whatever needs more room is not a message.
    CONSTRAINT outbox_body_length CHECK (octet_length(body) <= 4096),
    CONSTRAINT outbox_request_id_form CHECK (request_id ~ '^[A-Za-z0-9._-]{8,64}$'),
    CONSTRAINT outbox_traceparent_form CHECK (traceparent ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$'),
    CONSTRAINT outbox_attempts_count_up CHECK (attempts >= 0),
    CONSTRAINT outbox_last_error_known CHECK (
        last_error IN ('returned', 'refused', 'timed_out', 'disconnected')
    ),
    CONSTRAINT outbox_sent_is_not_leased CHECK (sent_at IS NULL OR leased_until IS NULL)
);

CREATE INDEX outbox_due ON grading.outbox (available_at, id) WHERE sent_at IS NULL;
CREATE INDEX outbox_of_job ON grading.outbox (job_id, sent_at);
CREATE INDEX outbox_sent ON grading.outbox (sent_at) WHERE sent_at IS NOT NULL;

-- Wakes the relay. The payload is empty: the relay reads what is due.
CREATE FUNCTION grading.outbox_notify() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    PERFORM pg_notify('korrigo_outbox', '');
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.outbox_notify() FROM PUBLIC;

CREATE TRIGGER outbox_notify AFTER INSERT ON grading.outbox
    FOR EACH STATEMENT EXECUTE FUNCTION grading.outbox_notify();

GRANT SELECT ON grading.jobs TO korrigo_app, korrigo_read;
GRANT INSERT (
    id, kind, copy_id, owner_id, state, attempt, max_attempts, fence, worker_id, lease_until,
    progress_done, progress_total, failure, next_attempt_at, revision, request_id
) ON grading.jobs TO korrigo_app;
GRANT UPDATE (
    state, attempt, fence, worker_id, lease_until, progress_done, progress_total, failure,
    next_attempt_at, revision
) ON grading.jobs TO korrigo_app;
GRANT SELECT, DELETE ON grading.outbox TO korrigo_app;
GRANT INSERT (id, job_id, routing_key, type, body, request_id, traceparent, available_at)
    ON grading.outbox TO korrigo_app;
GRANT UPDATE (available_at, leased_until, attempts, sent_at, last_error) ON grading.outbox TO korrigo_app;
GRANT SELECT ON grading.outbox TO korrigo_read;
