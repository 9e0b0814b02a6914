-- When the last backup was taken, so that somebody is told when it was long ago. Whoever takes one acts as the owner.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.last_backup (
    single boolean NOT NULL DEFAULT true,
    taken_at timestamptz NOT NULL,
    CONSTRAINT last_backup_pkey PRIMARY KEY (single),
    CONSTRAINT last_backup_one_row CHECK (single)
);

GRANT SELECT ON grading.last_backup TO korrigo_app, korrigo_read;
