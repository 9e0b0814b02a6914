//! The list of grading's transactions is closed: each is killed, or it is said why not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{TRANSACTIONS, asked, backstage, office};

/// Those that change nothing but the time at which a session was last used.
const ONLY_READ: &[&str] = &[
    "authorize_audit_export",
    "authorize_import",
    "authorize_upload",
    "current_session",
    "export_audit",
    "find_cause",
    "find_copies_to_discard",
    "find_copies_to_validate",
    "find_dead_leases",
    "find_expired",
    "find_forgotten_jobs",
    "find_invitation",
    "find_lapsed_locks",
    "find_login",
    "find_password",
    "find_unreferenced",
    "get_archive",
    "get_batch",
    "get_copy",
    "get_draft",
    "get_exam",
    "get_job",
    "get_lock",
    "get_marks",
    "get_own_result",
    "get_page_image",
    "get_progress",
    "get_release",
    "get_statistics",
    "get_student",
    "get_user",
    "list_annotations",
    "list_audit_events",
    "list_batches",
    "list_change_sets",
    "list_checkpoints",
    "list_copies",
    "list_events",
    "list_exams",
    "list_own_results",
    "list_releases",
    "list_students",
    "list_users",
    "queue_identities",
    "read_gauges",
    "read_waits",
    "reconcile_audit",
    "report_retention",
    "suggest_pupils",
];

/// Those that are not killed, by why.
const NOT_KILLED: &[(&str, &[&str])] = &[
    (
        "no copy, exam or trail is touched: rows of one pupil, session, draft or worker become what they are to be, however often \
         that is said",
        &[
            "close_session",
            "count_failure",
            "delete_draft",
            "heartbeat_job",
            "keep_vouched",
            "open_session",
            "update_student",
        ],
    ),
    (
        "who is not answered asks again, and it is said again, in one more event",
        &["update_user"],
    ),
    (
        "only an event is recorded, by the way that export_copy takes too",
        &[
            "dismiss_letter",
            "export_archive",
            "export_table",
            "record_audit_export",
            "show_identity",
        ],
    ),
    (
        "who is not answered asks again and gets another one, and the one before is void",
        &["invite_student", "invite_user"],
    ),
    (
        "who is not answered chooses their password again, or logs in with the one that they chose",
        &["accept_invitation", "change_password"],
    ),
    (
        "a job is queued with its message, or ended, by the way that finalize_copy and cancel_job take too",
        &["hand_back_job", "order_reading", "order_readings"],
    ),
    (
        "a result is stored under the fence of its job by the one function that complete_import and complete_archive take too",
        &["complete_reading"],
    ),
    (
        "what is erased or forgotten before is not there any more when it goes on, by the way that erase_copy takes too",
        &["erase_scans", "housekeeping"],
    ),
    (
        "the order of booklets is changed like the booklets themselves, by the way that merge_copies takes too",
        &["reorder_booklets"],
    ),
];

#[test]
fn every_transaction_of_grading_is_killed_or_it_is_said_why_not() {
    let scenes = [TRANSACTIONS, asked::TRANSACTIONS, backstage::TRANSACTIONS];
    let killed = scenes.into_iter().flatten().copied();
    let killed = killed.chain(office::transactions());
    let named = NOT_KILLED
        .iter()
        .flat_map(|(_, transactions)| transactions.iter().copied());
    let known: Vec<&str> = killed.chain(named).chain(ONLY_READ.iter().copied()).collect();
    let known_once: BTreeSet<String> = known.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(known.len(), known_once.len(), "one is there twice");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grading/src");
    assert_eq!(named_in(&sources), known_once);
}

/// The names that are given to transactions in these sources.
fn named_in(directory: &Path) -> BTreeSet<String> {
    let paths = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                named_in(&path)
            } else {
                in_file(&path)
            }
        })
        .collect()
}

/// The way into the database, the functions that pass a name on to it, and how a name is kept.
const BEFORE_A_NAME: [&str; 4] = [".transaction(", "complete(", "each(", "const NAME: &str ="];

fn in_file(path: &PathBuf) -> BTreeSet<String> {
    let source = fs::read_to_string(path).unwrap();
    let mut names = BTreeSet::new();
    for before in BEFORE_A_NAME {
        for (place, _) in source.match_indices(before) {
            let rest = source.get(place + before.len()..).unwrap_or_default();
            // The first text that comes, unless it comes later than in the same call.
            let call = rest.split([';', '|']).next().unwrap_or_default();
            let name = call.split('"').nth(1);
            let is_name = |name: &&str| {
                name.chars()
                    .all(|letter| letter == '_' || letter.is_ascii_lowercase())
            };
            names.extend(name.filter(is_name).map(str::to_owned));
        }
    }
    names
}
