//! Each action has one closed set of keys with one type each, and the database knows them all.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use domain::annotation::AnnotationField;
use domain::audit::{
    Act, Action, AddedHow, DispatchHow, EraseCause, Exported, Finalize, IdentityMethod, Import, MergePart,
    Metadata, PasswordHow, RemarkTarget, Restore, UnlockReason,
};
use domain::copy::Grading;
use domain::{
    CopyId, Digest, FailureCode, FileSize, Ids, JobId, JobKind, Points, Reason, Role, TrailId, UserId,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::desk::question;
use crate::harness::{Bench, count};

fn export(variant: Exported) -> Metadata {
    Metadata::Export {
        variant,
        sha256: Digest::of(b"corrected").to_string(),
    }
}

/// What the domain says of each action of correcting, in all the shapes that differ by their keys.
fn shapes_of_correcting(copy: CopyId, ids: &Ids) -> Vec<Metadata> {
    let import = |outcome| {
        let source = (Digest::of(b"scan"), FileSize::new(9).expect("a size"));
        Metadata::Import(Import::new(copy, source, 1, outcome))
    };
    let grading = Grading {
        score: Points::from_quarters(9),
        max: Points::from_quarters(24),
        retries: 1,
    };
    let finalize = |outcome| Metadata::Finalize(Finalize::new(grading, outcome));
    let (annotation_id, page) = (ids.next(), 1);
    let fields = AnnotationField::ALL.to_vec();
    let reason = Reason::Other;
    let score = |points: Option<i32>, previous: Option<i32>| Metadata::Score {
        question_id: question("1.a"),
        points: points.map(Points::from_quarters),
        previous: previous.map(Points::from_quarters),
    };
    let remark = |target, question_id, cleared| Metadata::Remark {
        target,
        question_id,
        cleared,
    };
    let unlock = |reason| Metadata::Unlock { fence: 1, reason };
    let retry = |job| Metadata::Retry { job };
    vec![
        import(Ok(count(2))),
        import(Err(FailureCode::InvalidPdf)),
        Metadata::Validate { pages: 2 },
        Metadata::Lock { fence: 1 },
        unlock(UnlockReason::Released),
        unlock(UnlockReason::Expired),
        unlock(UnlockReason::Finalized),
        Metadata::ForceUnlock { fence: 1, reason },
        Metadata::CreateAnn { annotation_id, page },
        Metadata::UpdateAnn {
            annotation_id,
            page,
            fields,
        },
        Metadata::DeleteAnn { annotation_id, page },
        score(Some(4000), None),
        score(None, Some(9)),
        remark(RemarkTarget::Question, Some(question("1.a")), false),
        remark(RemarkTarget::Copy, None, true),
        finalize(Ok(Digest::of(b"corrected"))),
        finalize(Err(FailureCode::Timeout)),
        export(Exported::Full),
        export(Exported::Anonymous),
        export(Exported::Audit),
        Metadata::Reopen { reason },
        Metadata::Discard { reason },
        retry(JobKind::ImportCopy),
        retry(JobKind::FinalizeCopy),
        Metadata::Restore(Restore::new(Digest::of(b"manifest"), 14, 2)),
    ]
}

/// The same of what an exam office does.
fn shapes_of_the_office(copy: CopyId, ids: &Ids) -> Vec<Metadata> {
    let student_id = ids.next();
    let identify = |method, undone| Metadata::Identify {
        student_id,
        method,
        undone,
    };
    let merge = |part| Metadata::Merge {
        other_id: copy,
        part,
        booklets: 1,
        pages: 4,
    };
    let run_id = ids.next();
    let dispatch = |how, corrector_id| Metadata::Dispatch {
        corrector_id,
        how,
        run_id,
    };
    vec![
        export(Exported::Identity),
        export(Exported::Results),
        export(Exported::Archive),
        identify(IdentityMethod::Manual, false),
        identify(IdentityMethod::OcrAssisted, true),
        merge(MergePart::Kept),
        merge(MergePart::Emptied),
        Metadata::Erase {
            cause: EraseCause::Pupil,
        },
        Metadata::Erase {
            cause: EraseCause::Retention,
        },
        Metadata::Reorder {
            booklets: 2,
            pages: 8,
            order: vec![1, 0],
        },
        dispatch(DispatchHow::Run, Some(ids.next())),
        dispatch(DispatchHow::Absent, Some(ids.next())),
        dispatch(DispatchHow::Manual, None),
        Metadata::Release {
            number: 1,
            withdrawn: false,
            score: Points::TWENTY,
            max: Points::TWENTY,
        },
        Metadata::Correction {
            change_set_id: ids.next(),
            delta: Points::from_quarters(-2),
            score: Points::ZERO,
            max: Points::TWENTY,
        },
    ]
}

/// The same of what happens to people.
fn shapes_of_people() -> Vec<Metadata> {
    let add = |role, how| Metadata::AddUser { role, how };
    let set = |how| Metadata::SetPassword {
        how,
        sessions_ended: 2,
    };
    vec![
        add(Role::Admin, AddedHow::Invited),
        add(Role::Student, AddedHow::Password),
        Metadata::ChangeUser {
            role: Role::Teacher,
            disabled: true,
            renamed: false,
            sessions_ended: 2,
        },
        Metadata::InviteUser {},
        set(PasswordHow::Invitation),
        set(PasswordHow::Own),
        set(PasswordHow::Operator),
        Metadata::EraseUser {
            cause: EraseCause::Pupil,
        },
        Metadata::EraseUser {
            cause: EraseCause::Retention,
        },
        Metadata::RestoreUser(Restore::new(Digest::of(b"manifest"), 14, 2)),
    ]
}

/// The same of what people do to the system.
fn shapes_of_deeds(ids: &Ids) -> Vec<Metadata> {
    let operate = |act, on: Option<JobId>| Metadata::Operate {
        act,
        on: on.map(Uuid::from),
    };
    let acts = Act::ALL.iter().copied();
    acts.flat_map(|act| [operate(act, None), operate(act, Some(ids.next()))])
        .collect()
}

fn shapes(copy: CopyId, ids: &Ids) -> Vec<Metadata> {
    let mut shapes = shapes_of_correcting(copy, ids);
    shapes.extend(shapes_of_people());
    shapes.extend(shapes_of_deeds(ids));
    shapes.extend(shapes_of_the_office(copy, ids));
    shapes
}

fn keys(metadata: &Metadata) -> Map<String, Value> {
    let Ok(Value::Object(keys)) = serde_json::to_value(metadata) else {
        panic!("metadata is an object")
    };
    keys
}

/// Tries to record events by hand, as the service's role.
struct Trail {
    connection: PgConnection,
    copy: CopyId,
    person: UserId,
}

impl Trail {
    fn of(bench: &Bench, copy: CopyId) -> Self {
        let connection = PgConnection::establish(&bench.database.app_url());
        Self {
            connection: connection.expect("the role may log in"),
            copy,
            person: bench.teacher,
        }
    }

    fn append(&mut self, action: Action, keys: &Map<String, Value>) -> Result<(), String> {
        let trail = if action.happens_to_people() {
            TrailId::from(self.person)
        } else {
            self.copy.into()
        };
        let sql = format!(
            "INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
             VALUES (gen_random_uuid(), '{trail}', '{action}', 'user', gen_random_uuid(), gen_random_uuid(), '{}')",
            Value::Object(keys.clone())
        );
        self.connection
            .batch_execute(&sql)
            .map_err(|error| error.to_string())
    }

    fn refuses(&mut self, action: Action, keys: &Map<String, Value>) {
        let answer = self.append(action, keys);
        let refused = answer
            .as_ref()
            .is_err_and(|answer| answer.contains("\"grading_events_metadata_closed\""));
        assert!(refused, "{action} {keys:?}: {answer:?}");
    }
}

#[tokio::test]
async fn what_the_domain_says_of_each_action_is_accepted() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let mut trail = Trail::of(&bench, copy);
    let shapes = shapes(copy, &bench.ids);
    for action in Action::ALL {
        let known = shapes.iter().any(|metadata| metadata.action() == *action);
        assert!(known, "{action}");
    }
    for metadata in &shapes {
        let answer = trail.append(metadata.action(), &keys(metadata));
        assert_eq!(answer, Ok(()), "{metadata:?}");
    }
    for reason in Reason::ALL {
        let metadata = Metadata::Discard { reason: *reason };
        let answer = trail.append(Action::Discard, &keys(&metadata));
        assert_eq!(answer, Ok(()), "{reason}");
    }
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn one_key_more_or_less_is_refused() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let mut trail = Trail::of(&bench, copy);
    for metadata in shapes(copy, &bench.ids) {
        let (action, good) = (metadata.action(), keys(&metadata));
        let mut more = good.clone();
        more.insert("name".to_owned(), json!("Camille Exemple"));
        trail.refuses(action, &more);
        // Programs of before do not say the order.
        for key in good.keys().filter(|key| *key != "order") {
            let mut less = good.clone();
            less.remove(key);
            trail.refuses(action, &less);
        }
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_and_so_are_words() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let mut trail = Trail::of(&bench, copy);
    let others = [
        json!(null),
        json!(true),
        json!(7),
        json!("Camille Exemple"),
        json!("7"),
        json!(["Camille Exemple"]),
        json!([]),
        json!({ "name": "Camille Exemple" }),
    ];
    for metadata in shapes(copy, &bench.ids) {
        let (action, good) = (metadata.action(), keys(&metadata));
        for key in good.keys() {
            for other in others.iter().filter(|other| !fits(key, other)) {
                let mut wrong = good.clone();
                wrong.insert(key.clone(), other.clone());
                trail.refuses(action, &wrong);
            }
        }
    }
}

/// Whether the key could have this value.
fn fits(key: &str, value: &Value) -> bool {
    let number = [
        "pages",
        "bytes",
        "attempt",
        "fence",
        "page",
        "retries",
        "size",
        "lost",
        "booklets",
        "number",
        "sessions_ended",
    ]
    .contains(&key)
        && value.is_number();
    // No points are given, or they are seven; seven is the id of a question, too.
    let points = ["points", "previous"].contains(&key) && (value.is_null() || *value == json!("7"));
    let text = ["final_score", "max_score", "question_id", "score", "max", "delta"].contains(&key)
        && *value == json!("7");
    // Whether this boolean goes with the other keys is another question.
    let boolean = ["success", "cleared", "undone", "withdrawn", "disabled", "renamed"].contains(&key)
        && value.is_boolean();
    let nobody = ["corrector_id", "on"].contains(&key) && value.is_null();
    number || points || text || boolean || nobody
}

#[tokio::test]
async fn an_action_that_nobody_knows_is_refused() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let sql = format!(
        "INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
         VALUES (gen_random_uuid(), '{copy}', 'PROMOTE', 'user', gen_random_uuid(), gen_random_uuid(), '{{}}')"
    );
    let answer = crate::harness::attempt(&bench.database.app_url(), &sql);
    assert!(answer.is_err_and(|answer| answer.contains("violates check constraint")));
}
