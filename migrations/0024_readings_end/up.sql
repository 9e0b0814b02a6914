-- What a machine read on a copy goes when it is known whose copy it is, and with the copy, whoever does it: programs of
-- before know nothing of readings.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE FUNCTION grading.identities_end_readings() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    DELETE FROM identity_readings WHERE copy_id = NEW.copy_id;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.identities_end_readings() FROM PUBLIC;

CREATE TRIGGER identities_end_readings AFTER INSERT ON grading.identities
    FOR EACH ROW EXECUTE FUNCTION grading.identities_end_readings();

CREATE FUNCTION grading.copies_end_readings() RETURNS trigger
LANGUAGE plpgsql SET search_path = grading, pg_temp AS $$
BEGIN
    DELETE FROM identity_readings WHERE copy_id = NEW.id;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION grading.copies_end_readings() FROM PUBLIC;

CREATE TRIGGER copies_end_readings AFTER UPDATE ON grading.copies
    FOR EACH ROW WHEN ((NEW.discarded, NEW.erased) IS DISTINCT FROM (OLD.discarded, OLD.erased))
    EXECUTE FUNCTION grading.copies_end_readings();

-- What such programs have left behind.
DELETE FROM grading.identity_readings USING grading.copies
WHERE copies.id = identity_readings.copy_id AND (
    copies.discarded OR copies.erased
    OR EXISTS (SELECT FROM grading.identities WHERE identities.copy_id = copies.id)
);
