SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- They would go on as sessions of the API.
DELETE FROM grading.sessions WHERE of_operator;

ALTER TABLE grading.sessions DROP COLUMN of_operator;
