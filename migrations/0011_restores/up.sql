-- That a copy was restored from a backup is part of its trail.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- The two rules are long and grow with other migrations: only this action is added to them.
DO $$
DECLARE
    actions text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_action_known';
    metadata text := pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'grading.grading_events'::regclass AND conname = 'grading_events_metadata_closed';
    wanted_actions text := replace(actions, 'ARRAY[''IMPORT''::text', 'ARRAY[''RESTORE''::text, ''IMPORT''::text');
    wanted_metadata text := replace(metadata, 'CASE action', $rule$CASE action
        WHEN 'RESTORE'::text THEN
            metadata - ARRAY['backup', 'size', 'lost'] = '{}'
            AND metadata ?& ARRAY['backup', 'size', 'lost']
            AND jsonb_typeof(metadata -> 'backup') = 'string'
            AND metadata ->> 'backup' ~ '^[0-9a-f]{64}$'
            AND jsonb_typeof(metadata -> 'size') = 'number'
            AND jsonb_typeof(metadata -> 'lost') = 'number'$rule$);
BEGIN
    IF wanted_actions = actions OR wanted_metadata = metadata THEN
        RAISE EXCEPTION 'the rules about events are not the expected ones';
    END IF;
    ALTER TABLE grading.grading_events
        DROP CONSTRAINT grading_events_action_known,
        DROP CONSTRAINT grading_events_metadata_closed;
    EXECUTE 'ALTER TABLE grading.grading_events ADD CONSTRAINT grading_events_action_known ' || wanted_actions
        || ', ADD CONSTRAINT grading_events_metadata_closed ' || wanted_metadata;
END
$$;
