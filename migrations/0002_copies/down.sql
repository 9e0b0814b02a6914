SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP TABLE grading.pages;
DROP TABLE grading.booklets;
DROP TABLE grading.copies;
DROP FUNCTION grading.copies_guard();
