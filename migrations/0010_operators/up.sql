-- Sessions of the operators' commands: what is done in them has an operator as its actor.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.sessions ADD COLUMN of_operator boolean NOT NULL DEFAULT false;

GRANT INSERT (of_operator) ON grading.sessions TO korrigo_app;
GRANT SELECT (of_operator) ON grading.sessions TO korrigo_read;
