-- When a pupil was last at the school, as far as lists and exams say. It outlives the copies that say it: they may be kept
-- for a shorter time than pupils are.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Of who is there already nobody knows: from today on.
ALTER TABLE grading.students ADD COLUMN last_seen date DEFAULT CURRENT_DATE;
ALTER TABLE grading.students ALTER COLUMN last_seen DROP DEFAULT;
GRANT UPDATE (last_seen) ON grading.students TO korrigo_app;
