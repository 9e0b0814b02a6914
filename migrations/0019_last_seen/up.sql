-- When a pupil was last at the school, as far as lists and exams say. It outlives the copies that say it: they may be kept
-- for a shorter time than pupils are.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE grading.students ADD COLUMN last_seen date;
-- Of who is there already nobody knows: from today on.
UPDATE grading.students SET last_seen = CURRENT_DATE;
GRANT UPDATE (last_seen) ON grading.students TO korrigo_app;
