-- Which programs the schema still supports: those that know the migration `oldest`. A program works on a schema that is
-- newer than itself, until a migration takes away what the program relies on and says so here.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE grading.schema_support (
    single boolean NOT NULL DEFAULT true,
    oldest text NOT NULL,
    CONSTRAINT schema_support_pkey PRIMARY KEY (single),
    CONSTRAINT schema_support_one_row CHECK (single),
    CONSTRAINT schema_support_oldest_form CHECK (oldest ~ '^[0-9]{4}$')
);
INSERT INTO grading.schema_support (oldest) VALUES ('0012');

GRANT SELECT ON grading.schema_support TO korrigo_app, korrigo_read;
