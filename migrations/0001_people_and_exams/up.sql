-- People with access, their sessions, and exams.
--
-- The roles named here exist before the first migration: `korrigo migrate bootstrap` makes them.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

GRANT USAGE ON SCHEMA grading TO korrigo_app, korrigo_read;
-- A service refuses to start on a schema it does not know, so it has to see which one this is.
GRANT SELECT ON grading.__diesel_schema_migrations TO korrigo_app, korrigo_read;

CREATE TABLE grading.users (
    id uuid NOT NULL,
    login_normalized text NOT NULL,
    login text NOT NULL,
    display_name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    disabled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_login_once UNIQUE (login_normalized),
    CONSTRAINT users_login_length CHECK (char_length(login) BETWEEN 1 AND 128),
    CONSTRAINT users_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200),
    CONSTRAINT users_role_known CHECK (role IN ('ADMIN', 'TEACHER', 'STUDENT')),
    CONSTRAINT users_password_is_hashed CHECK (password_hash LIKE '$argon2id$%')
);

CREATE TABLE grading.sessions (
    token_digest bytea NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (token_digest),
    CONSTRAINT sessions_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT,
    CONSTRAINT sessions_token_digest_length CHECK (octet_length(token_digest) = 32),
    CONSTRAINT sessions_end_after_begin CHECK (expires_at > created_at)
);

CREATE INDEX sessions_of_user ON grading.sessions (user_id);
CREATE INDEX sessions_by_end ON grading.sessions (expires_at);

CREATE TABLE grading.exams (
    id uuid NOT NULL,
    name text NOT NULL,
    date date NOT NULL,
    pages_per_copy bigint,
    layout text NOT NULL,
    zone_pages text,
    zone_x bigint,
    zone_y bigint,
    zone_w bigint,
    zone_h bigint,
    version bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT exams_pkey PRIMARY KEY (id),
    CONSTRAINT exams_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    CONSTRAINT exams_pages_per_copy_range CHECK (pages_per_copy BETWEEN 1 AND 10000),
    CONSTRAINT exams_layout_known CHECK (layout IN ('A4', 'A3')),
    CONSTRAINT exams_zone_pages_known CHECK (zone_pages IN ('first', 'all')),
    CONSTRAINT exams_zone_whole CHECK (
        num_nulls(zone_pages, zone_x, zone_y, zone_w, zone_h) IN (0, 5)
    ),
    -- Millionths of the displayed page.
    CONSTRAINT exams_zone_within_page CHECK (
        zone_x >= 0 AND zone_y >= 0 AND zone_w > 0 AND zone_h > 0
        AND zone_x + zone_w <= 1000000 AND zone_y + zone_h <= 1000000
    ),
    CONSTRAINT exams_version_counts_up CHECK (version >= 0)
);

CREATE TABLE grading.exam_correctors (
    exam_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT exam_correctors_pkey PRIMARY KEY (exam_id, user_id),
    CONSTRAINT exam_correctors_exam_fkey FOREIGN KEY (exam_id) REFERENCES grading.exams (id) ON DELETE RESTRICT,
    CONSTRAINT exam_correctors_user_fkey FOREIGN KEY (user_id) REFERENCES grading.users (id) ON DELETE RESTRICT
);

CREATE INDEX exam_correctors_by_user ON grading.exam_correctors (user_id, exam_id);

GRANT SELECT ON grading.users TO korrigo_app;
GRANT INSERT (id, login_normalized, login, display_name, role, password_hash, disabled) ON grading.users TO korrigo_app;
GRANT UPDATE (password_hash, disabled) ON grading.users TO korrigo_app;
GRANT SELECT, DELETE ON grading.sessions TO korrigo_app;
GRANT INSERT (token_digest, user_id, expires_at) ON grading.sessions TO korrigo_app;
GRANT UPDATE (last_seen_at) ON grading.sessions TO korrigo_app;
GRANT SELECT ON grading.exams TO korrigo_app;
GRANT INSERT (id, name, date, pages_per_copy, layout, zone_pages, zone_x, zone_y, zone_w, zone_h)
    ON grading.exams TO korrigo_app;
GRANT SELECT, INSERT ON grading.exam_correctors TO korrigo_app;

-- Diagnosis needs ids and states. Names, logins and what opens doors stay out of its sight.
GRANT SELECT (id, role, disabled, created_at) ON grading.users TO korrigo_read;
GRANT SELECT (user_id, created_at, last_seen_at, expires_at) ON grading.sessions TO korrigo_read;
GRANT SELECT (
    id, date, pages_per_copy, layout, zone_pages, zone_x, zone_y, zone_w, zone_h, version, created_at
) ON grading.exams TO korrigo_read;
GRANT SELECT ON grading.exam_correctors TO korrigo_read;
