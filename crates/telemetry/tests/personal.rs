//! What people write and what opens doors can be told by nobody by accident: its types lack every way to it.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]

use std::fs;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use domain::archive::{ArchivedCopy, Member};
use domain::draft::{ClientId, Draft, DraftContent, DraftPayload};
use domain::matching::Roster;
use domain::results::ResultRow;
use domain::roster::{Line, Merged};
use domain::scheme::{Question, QuestionLabel};
use domain::secret::Secret;
use domain::student::{ClassName, GivenNames, Particulars, SchoolNumber, Surname};
use domain::user::Change;
use domain::{
    Annotation, ChangeSet, DisplayName, Exam, ExamName, InvitationToken, LockToken, Login, MarkingScheme,
    NewPassword, PasswordHash, Prose, Reading, SessionToken, Student, UserId,
};

/// Asks whether a type is something. What a type has itself comes before what a trait gives it.
macro_rules! question {
    ($question:ident, $quality:path) => {
        mod $question {
            use std::marker::PhantomData;

            pub(super) struct About<T>(pub(super) PhantomData<T>);

            pub(super) trait Otherwise: Sized {
                fn is(self) -> bool {
                    false
                }
            }

            impl<T> Otherwise for About<T> {}

            impl<T: $quality> About<T> {
                pub(super) fn is(self) -> bool {
                    let Self(PhantomData) = self;
                    true
                }
            }
        }
    };
}

question!(debug, std::fmt::Debug);
question!(display, std::fmt::Display);
question!(loggable, telemetry::Loggable);
question!(serialize, serde::Serialize);

/// Which of these types are, or how they are called.
macro_rules! which {
    (name: $($type:ident),*) => {
        vec![$(stringify!($type)),*]
    };
    ($question:ident: $($type:ident),*) => {{
        use $question::{About, Otherwise as _};
        let asked = [$((stringify!($type), About::<$type>(PhantomData).is())),*];
        asked.into_iter().filter_map(|(name, is)| is.then_some(name)).collect::<Vec<_>>()
    }};
}

/// What people are called and what they write.
macro_rules! texts {
    ($question:ident) => {
        which!($question: Login, DisplayName, ExamName, QuestionLabel, Prose, ClientId, DraftPayload, Surname, GivenNames,
            ClassName, SchoolNumber, Reading)
    };
}

/// What holds such text, so that it is text about people too.
macro_rules! records {
    ($question:ident) => {
        which!($question: Particulars, Student, Line, Merged, Roster, ResultRow, ArchivedCopy, Member, Change, Exam, Question,
            MarkingScheme, Annotation, Draft, DraftContent, ChangeSet)
    };
}

/// What opens a door.
macro_rules! secrets {
    ($question:ident) => {
        which!($question: Secret, NewPassword, PasswordHash, SessionToken, InvitationToken, LockToken)
    };
}

#[test]
fn text_about_people_has_no_way_into_a_line() {
    assert!(texts!(debug).is_empty(), "{:?}", texts!(debug));
    assert!(texts!(display).is_empty(), "{:?}", texts!(display));
    assert!(texts!(loggable).is_empty(), "{:?}", texts!(loggable));
    assert!(texts!(serialize).is_empty(), "{:?}", texts!(serialize));
}

#[test]
fn what_holds_text_about_people_has_no_way_into_a_line_either() {
    assert!(records!(debug).is_empty(), "{:?}", records!(debug));
    assert!(records!(display).is_empty(), "{:?}", records!(display));
    assert!(records!(loggable).is_empty(), "{:?}", records!(loggable));
    assert!(records!(serialize).is_empty(), "{:?}", records!(serialize));
}

/// Every type that is declared as personal text, wherever that is.
#[test]
fn no_kind_of_personal_text_is_forgotten_here() {
    let asked = texts!(name);
    let mut declared = 0;
    let mut sources = Vec::new();
    below(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/src"),
        &mut sources,
    );
    for source in sources {
        let text = fs::read_to_string(&source).unwrap();
        for name in text.lines().filter_map(declaration) {
            assert!(
                asked.contains(&name),
                "{name} of {} is not asked",
                source.display()
            );
            declared += 1;
        }
    }
    assert!(declared > 8, "{declared}");
}

fn below(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            below(&entry.path(), files);
        } else {
            files.push(entry.path());
        }
    }
}

/// `    Surname, at most 100 characters;`
fn declaration(line: &str) -> Option<&str> {
    let name = line.trim().strip_suffix(" characters;")?;
    Some(name.split_once(", at most ")?.0)
}

#[test]
fn what_opens_a_door_is_shown_by_nothing() {
    assert!(secrets!(display).is_empty(), "{:?}", secrets!(display));
    assert!(secrets!(loggable).is_empty(), "{:?}", secrets!(loggable));
    assert!(secrets!(serialize).is_empty(), "{:?}", secrets!(serialize));
    let secret = Secret::new("hunter22");
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    let token = SessionToken::random();
    assert!(!format!("{token:?}").contains(token.expose()));
}

#[test]
fn the_question_is_answered_yes_where_it_is_so() {
    assert_eq!(which!(debug: UserId, Login), ["UserId"]);
    assert_eq!(which!(display: UserId, Login), ["UserId"]);
    assert_eq!(which!(loggable: UserId, Login), ["UserId"]);
    assert_eq!(which!(serialize: UserId, Login), ["UserId"]);
}
