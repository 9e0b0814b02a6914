SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP TRIGGER copies_end_readings ON grading.copies;
DROP FUNCTION grading.copies_end_readings();
DROP TRIGGER identities_end_readings ON grading.identities;
DROP FUNCTION grading.identities_end_readings();
