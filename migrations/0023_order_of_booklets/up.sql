-- The trail says in which order the booklets of a copy came, and so of every page which file it is of. Programs of before
-- do not say it.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- The rule is long and grows with other migrations: only what is new is added to it. It is wider than before, so that no
-- event breaks it.
DO $$
DECLARE
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    known text := 'metadata - ARRAY[''booklets''::text, ''pages''::text]) = ''{}''::jsonb)';
    wanted text := replace(metadata, known, $rule$metadata - ARRAY['booklets', 'pages', 'order']) = '{}'::jsonb)
        AND (jsonb_typeof(metadata -> 'order') = 'array') IS NOT FALSE
        AND jsonb_path_match(metadata,
            'strict $.order.size() == $.booklets && !exists($.order[*] ? (@.type() != "number"))', '{}', true
        ) IS NOT FALSE$rule$);
BEGIN
    IF wanted = metadata THEN
        RAISE EXCEPTION 'the rule about events is not the expected one';
    END IF;
    ALTER TABLE grading.grading_events DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_metadata_closed ' || wanted || ' NOT VALID';
END
$$;
