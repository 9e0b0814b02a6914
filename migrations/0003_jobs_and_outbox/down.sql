SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP TABLE grading.outbox;
DROP TABLE grading.jobs;
DROP FUNCTION grading.outbox_notify();
DROP FUNCTION grading.jobs_notify();
DROP FUNCTION grading.jobs_guard();
