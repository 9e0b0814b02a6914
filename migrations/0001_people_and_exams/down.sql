SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP TABLE grading.exam_correctors;
DROP TABLE grading.exams;
DROP TABLE grading.sessions;
DROP TABLE grading.users;

REVOKE SELECT ON grading.__diesel_schema_migrations FROM korrigo_app, korrigo_read;
REVOKE USAGE ON SCHEMA grading FROM korrigo_app, korrigo_read;
