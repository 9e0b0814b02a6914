SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

DROP TABLE grading.throttles;
DROP TABLE grading.invitations;

-- A hash that no password matches.
UPDATE grading.users SET password_hash = '$argon2id$nobody' WHERE password_hash IS NULL;
ALTER TABLE grading.users
    DROP COLUMN must_change_password,
    ALTER COLUMN password_hash SET NOT NULL;
REVOKE UPDATE (display_name, role) ON grading.users FROM korrigo_app;
