//! The tables as the queries see them. The migrations are the truth.

diesel::table! {
    grading.users (id) {
        id -> Uuid,
        login_normalized -> Text,
        login -> Text,
        display_name -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        disabled -> Bool,
        created_at -> Timestamptz,
        must_change_password -> Bool,
        ev_seq -> BigInt,
        ev_head -> Binary,
    }
}

diesel::table! {
    grading.sessions (token_digest) {
        token_digest -> Bytea,
        user_id -> Uuid,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
        of_operator -> Bool,
    }
}

diesel::table! {
    grading.exams (id) {
        id -> Uuid,
        name -> Text,
        date -> Date,
        pages_per_copy -> Nullable<BigInt>,
        layout -> Text,
        zone_pages -> Nullable<Text>,
        zone_x -> Nullable<BigInt>,
        zone_y -> Nullable<BigInt>,
        zone_w -> Nullable<BigInt>,
        zone_h -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamptz,
        marking_scheme -> Nullable<Jsonb>,
        released_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    grading.exam_correctors (exam_id, user_id) {
        exam_id -> Uuid,
        user_id -> Uuid,
    }
}

diesel::table! {
    grading.copies (id) {
        id -> Uuid,
        exam_id -> Uuid,
        anonymous_id -> Text,
        status -> Text,
        page_count -> Nullable<BigInt>,
        failure -> Nullable<Text>,
        version -> BigInt,
        ev_seq -> BigInt,
        ev_head -> Bytea,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        discarded -> Bool,
        lock_fence -> BigInt,
        score_quarters -> Nullable<BigInt>,
        max_quarters -> Nullable<BigInt>,
        retries -> Nullable<BigInt>,
        erased -> Bool,
        corrector_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    grading.copy_correctors (copy_id, user_id) {
        copy_id -> Uuid,
        user_id -> Uuid,
    }
}

diesel::table! {
    grading.booklets (id) {
        id -> Uuid,
        copy_id -> Uuid,
        exam_id -> Uuid,
        source_digest -> Bytea,
        source_size -> BigInt,
        created_at -> Timestamptz,
        discarded -> Bool,
        batch_id -> Nullable<Uuid>,
        batch_position -> Nullable<BigInt>,
        position -> BigInt,
    }
}

diesel::table! {
    grading.archives (id) {
        id -> Uuid,
        exam_id -> Uuid,
        release_id -> Uuid,
        job_id -> Uuid,
        digest -> Nullable<Bytea>,
        size -> Nullable<BigInt>,
        copies -> Nullable<BigInt>,
        expires_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    grading.batches (id) {
        id -> Uuid,
        exam_id -> Uuid,
        source_digest -> Bytea,
        source_size -> BigInt,
        pages_per_copy -> BigInt,
        layout -> Text,
        status -> Text,
        page_count -> Nullable<BigInt>,
        failure -> Nullable<Text>,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        erased -> Bool,
        discarded -> Bool,
    }
}

diesel::table! {
    grading.batch_pieces (batch_id, page, part) {
        batch_id -> Uuid,
        page -> BigInt,
        part -> Text,
        booklet_id -> Uuid,
        position -> BigInt,
    }
}

diesel::table! {
    grading.batch_anomalies (batch_id, page, kind) {
        batch_id -> Uuid,
        page -> BigInt,
        kind -> Text,
    }
}

diesel::table! {
    grading.pages (copy_id, index) {
        copy_id -> Uuid,
        index -> BigInt,
        booklet_id -> Uuid,
        width -> BigInt,
        height -> BigInt,
        rotation -> Text,
        display_digest -> Bytea,
        display_format -> Text,
        thumbnail_digest -> Bytea,
        thumbnail_format -> Text,
        redacted_display_digest -> Nullable<Bytea>,
        redacted_display_format -> Nullable<Text>,
        redacted_thumbnail_digest -> Nullable<Bytea>,
        redacted_thumbnail_format -> Nullable<Text>,
        identity_digest -> Nullable<Bytea>,
        identity_format -> Nullable<Text>,
    }
}

diesel::table! {
    grading.copy_authors (copy_id) {
        copy_id -> Uuid,
        user_id -> Uuid,
    }
}

diesel::table! {
    grading.students (id) {
        id -> Uuid,
        surname -> Text,
        given_names -> Text,
        birth_date -> Nullable<Date>,
        class_name -> Nullable<Text>,
        number -> Nullable<Text>,
        search_key -> Text,
        match_key -> Text,
        user_id -> Nullable<Uuid>,
        last_seen -> Nullable<Date>,
    }
}

diesel::table! {
    grading.exam_classes (exam_id, class_name) {
        exam_id -> Uuid,
        class_name -> Text,
    }
}

diesel::table! {
    grading.identities (copy_id) {
        copy_id -> Uuid,
        exam_id -> Uuid,
        student_id -> Uuid,
        method -> Text,
    }
}

diesel::table! {
    grading.identity_readings (copy_id) {
        copy_id -> Uuid,
        exam_id -> Uuid,
        reading -> Text,
    }
}

diesel::table! {
    grading.locks (copy_id) {
        copy_id -> Uuid,
        owner_id -> Uuid,
        token_digest -> Bytea,
        fence -> BigInt,
        ttl_seconds -> BigInt,
        acquired_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    grading.annotations (id) {
        id -> Uuid,
        copy_id -> Uuid,
        page_index -> BigInt,
        x -> BigInt,
        y -> BigInt,
        w -> BigInt,
        h -> BigInt,
        kind -> Text,
        text -> Nullable<Text>,
        ink -> Jsonb,
        ink_points -> BigInt,
        delta_quarters -> Nullable<BigInt>,
        question_id -> Nullable<Text>,
        created_by -> Uuid,
        version -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    grading.scores (copy_id, question_id) {
        copy_id -> Uuid,
        question_id -> Text,
        quarters -> BigInt,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    grading.remarks (copy_id, question_id) {
        copy_id -> Uuid,
        question_id -> Text,
        text -> Text,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    grading.appreciations (copy_id) {
        copy_id -> Uuid,
        text -> Text,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    grading.drafts (copy_id, user_id) {
        copy_id -> Uuid,
        user_id -> Uuid,
        client_id -> Text,
        version -> BigInt,
        payload -> Nullable<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    grading.documents (job_id) {
        job_id -> Uuid,
        copy_id -> Uuid,
        digest -> Bytea,
        size -> BigInt,
        pages -> BigInt,
        anonymous_digest -> Nullable<Bytea>,
        anonymous_size -> Nullable<BigInt>,
        anonymous_pages -> Nullable<BigInt>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    grading.jobs (id) {
        id -> Uuid,
        kind -> Text,
        copy_id -> Nullable<Uuid>,
        batch_id -> Nullable<Uuid>,
        exam_id -> Nullable<Uuid>,
        owner_id -> Uuid,
        state -> Text,
        attempt -> BigInt,
        max_attempts -> BigInt,
        fence -> BigInt,
        worker_id -> Nullable<Uuid>,
        lease_until -> Nullable<Timestamptz>,
        progress_done -> BigInt,
        progress_total -> BigInt,
        failure -> Nullable<Text>,
        next_attempt_at -> Nullable<Timestamptz>,
        revision -> BigInt,
        request_id -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        traceparent -> Nullable<Text>,
    }
}

diesel::table! {
    grading.outbox (id) {
        id -> Uuid,
        job_id -> Uuid,
        routing_key -> Text,
        #[sql_name = "type"]
        kind -> Text,
        body -> Bytea,
        request_id -> Text,
        traceparent -> Nullable<Text>,
        created_at -> Timestamptz,
        available_at -> Timestamptz,
        leased_until -> Nullable<Timestamptz>,
        attempts -> BigInt,
        sent_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    grading.idempotency_keys (user_id, operation, key) {
        user_id -> Uuid,
        operation -> Text,
        key -> Bytea,
        fingerprint -> Bytea,
        answer -> Nullable<Bytea>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    grading.grading_events (copy_id, seq) {
        id -> Uuid,
        copy_id -> Uuid,
        seq -> BigInt,
        action -> Text,
        actor_kind -> Text,
        actor_id -> Uuid,
        operation_id -> Uuid,
        at -> Timestamptz,
        copy_version -> BigInt,
        metadata -> Jsonb,
        prev -> Bytea,
        hash -> Bytea,
    }
}

diesel::table! {
    grading.invitations (user_id) {
        user_id -> Uuid,
        token_digest -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    grading.throttles (key) {
        key -> Bytea,
        scope -> Text,
        failures -> BigInt,
        begun_at -> Timestamptz,
        blocked_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    grading.releases (id) {
        id -> Uuid,
        exam_id -> Uuid,
        number -> BigInt,
        released_by -> Uuid,
        released_at -> Timestamptz,
        withdrawn_by -> Nullable<Uuid>,
        withdrawn_at -> Nullable<Timestamptz>,
        marking_scheme -> Nullable<Jsonb>,
    }
}

diesel::table! {
    grading.release_results (release_id, copy_id) {
        release_id -> Uuid,
        copy_id -> Uuid,
        score_quarters -> BigInt,
        max_quarters -> BigInt,
        points -> Jsonb,
        document_id -> Uuid,
    }
}

diesel::table! {
    grading.change_sets (id) {
        id -> Uuid,
        exam_id -> Uuid,
        created_by -> Uuid,
        created_at -> Timestamptz,
        reason_code -> Text,
        reason -> Nullable<Text>,
        question_id -> Nullable<Text>,
        delta_quarters -> BigInt,
    }
}

diesel::table! {
    grading.adjustments (copy_id, change_set_id) {
        copy_id -> Uuid,
        change_set_id -> Uuid,
        delta_quarters -> BigInt,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(change_sets -> users (created_by));
diesel::joinable!(adjustments -> change_sets (change_set_id));
diesel::allow_tables_to_appear_in_same_query!(users, change_sets, adjustments);
diesel::joinable!(booklets -> copies (copy_id));
diesel::joinable!(pages -> booklets (booklet_id));
diesel::joinable!(jobs -> copies (copy_id));
diesel::joinable!(jobs -> batches (batch_id));
diesel::joinable!(batch_pieces -> booklets (booklet_id));
diesel::joinable!(outbox -> jobs (job_id));
diesel::allow_tables_to_appear_in_same_query!(users, sessions);
diesel::joinable!(copies -> exams (exam_id));
diesel::joinable!(identities -> students (student_id));
diesel::joinable!(identities -> copies (copy_id));
diesel::joinable!(archives -> releases (release_id));
diesel::joinable!(locks -> copies (copy_id));
diesel::joinable!(appreciations -> copies (copy_id));
diesel::joinable!(releases -> exams (exam_id));
diesel::joinable!(release_results -> releases (release_id));
diesel::joinable!(release_results -> copies (copy_id));
diesel::joinable!(release_results -> documents (document_id));
diesel::allow_tables_to_appear_in_same_query!(
    exams,
    exam_correctors,
    copies,
    copy_correctors,
    booklets,
    pages,
    jobs,
    outbox,
    copy_authors,
    students,
    exam_classes,
    identities,
    identity_readings,
    locks,
    annotations,
    scores,
    remarks,
    appreciations,
    drafts,
    releases,
    release_results,
    documents,
    batches,
    batch_pieces,
    archives,
);
