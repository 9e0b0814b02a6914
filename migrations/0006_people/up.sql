-- People without a password yet, their invitations, and the counters of failed guesses.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Who is invited has no password until they choose one.
ALTER TABLE grading.users
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;

CREATE TABLE grading.invitations (
    -- One per person: a new one ends the one before.
    user_id uuid NOT NULL,
    token_digest bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT invitations_pkey PRIMARY KEY (user_id),
    CONSTRAINT invitations_token_once UNIQUE (token_digest),
    CONSTRAINT invitations_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT invitations_token_digest_length CHECK (octet_length(token_digest) = 32),
    CONSTRAINT invitations_end_after_begin CHECK (expires_at > created_at)
);

CREATE TABLE grading.throttles (
    -- A digest with a secret in it: neither logins nor addresses can be read out of it.
    key bytea NOT NULL,
    scope text NOT NULL,
    failures bigint NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL DEFAULT now(),
    blocked_until timestamptz,
    CONSTRAINT throttles_pkey PRIMARY KEY (key),
    CONSTRAINT throttles_key_length CHECK (octet_length(key) = 32),
    CONSTRAINT throttles_scope_known CHECK (scope IN ('account', 'address')),
    CONSTRAINT throttles_failures_count_up CHECK (failures BETWEEN 0 AND 4294967295)
);

CREATE INDEX throttles_by_age ON grading.throttles (begun_at);

GRANT INSERT (must_change_password) ON grading.users TO korrigo_app;
GRANT UPDATE (display_name, role, must_change_password) ON grading.users TO korrigo_app;
GRANT SELECT, DELETE ON grading.invitations TO korrigo_app;
GRANT INSERT (user_id, token_digest, expires_at) ON grading.invitations TO korrigo_app;
GRANT UPDATE (token_digest, created_at, expires_at) ON grading.invitations TO korrigo_app;
GRANT SELECT, DELETE ON grading.throttles TO korrigo_app;
GRANT INSERT (key, scope) ON grading.throttles TO korrigo_app;
GRANT UPDATE (failures, begun_at, blocked_until) ON grading.throttles TO korrigo_app;

-- What opens doors stays out of the sight of diagnosis.
GRANT SELECT (must_change_password) ON grading.users TO korrigo_read;
GRANT SELECT (user_id, created_at, expires_at) ON grading.invitations TO korrigo_read;
GRANT SELECT (scope, failures, begun_at, blocked_until) ON grading.throttles TO korrigo_read;
