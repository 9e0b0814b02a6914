SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP TRIGGER copies_require_event ON grading.copies;
DROP FUNCTION grading.copies_require_event();
DROP TABLE grading.grading_events;
DROP FUNCTION grading.grading_events_append_only();
DROP FUNCTION grading.grading_events_chain();
DROP FUNCTION grading.audit_text(text);
