SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

REVOKE SELECT (points) ON grading.release_results FROM korrigo_read;
REVOKE SELECT (delta_quarters) ON grading.adjustments FROM korrigo_read;
REVOKE SELECT (quarters) ON grading.scores FROM korrigo_read;

DROP TRIGGER adjustments_require_event ON grading.adjustments;
DROP TRIGGER appreciations_require_event ON grading.appreciations;
DROP TRIGGER remarks_require_event ON grading.remarks;
DROP TRIGGER scores_require_event ON grading.scores;
DROP TRIGGER annotations_require_event ON grading.annotations;
DROP FUNCTION grading.corrections_require_event();
DROP TABLE grading.audit_vouched;
DROP FUNCTION grading.audit_vouched_guard();
