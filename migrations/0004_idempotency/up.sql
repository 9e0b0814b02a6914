-- Answers that are given again when a request is repeated.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.idempotency_keys (
    user_id uuid NOT NULL,
    operation text NOT NULL,
    -- The SHA-256 of what the client sent: a client may put anything into its key.
    key bytea NOT NULL,
    fingerprint bytea NOT NULL,
    answer bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, operation, key),
    CONSTRAINT idempotency_keys_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT idempotency_keys_operation_form CHECK (operation ~ '^[a-z_]{1,64}$'),
    CONSTRAINT idempotency_keys_key_length CHECK (octet_length(key) = 32),
    CONSTRAINT idempotency_keys_fingerprint_length CHECK (octet_length(fingerprint) = 32)
);

CREATE INDEX idempotency_keys_by_age ON grading.idempotency_keys (created_at);

GRANT SELECT, DELETE ON grading.idempotency_keys TO korrigo_app;
GRANT INSERT (user_id, operation, key, fingerprint) ON grading.idempotency_keys TO korrigo_app;
GRANT UPDATE (answer) ON grading.idempotency_keys TO korrigo_app;
GRANT SELECT (user_id, operation, created_at) ON grading.idempotency_keys TO korrigo_read;
