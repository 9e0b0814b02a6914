//! What people write and what opens doors can be told by nobody by accident: its types lack every way to it.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]

use std::marker::PhantomData;

use domain::draft::{ClientId, DraftPayload};
use domain::scheme::QuestionLabel;
use domain::secret::Secret;
use domain::{
    DisplayName, ExamName, InvitationToken, LockToken, Login, NewPassword, PasswordHash, Prose, SessionToken,
    UserId,
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

/// Which of these types are.
macro_rules! which {
    ($question:ident: $($type:ident),*) => {{
        use $question::{About, Otherwise as _};
        let asked = [$((stringify!($type), About::<$type>(PhantomData).is())),*];
        asked.into_iter().filter_map(|(name, is)| is.then_some(name)).collect::<Vec<_>>()
    }};
}

#[test]
fn text_about_people_has_no_way_into_a_line() {
    macro_rules! texts {
        ($question:ident) => {
            which!($question: Login, DisplayName, ExamName, QuestionLabel, Prose, ClientId, DraftPayload)
        };
    }
    assert!(texts!(debug).is_empty(), "{:?}", texts!(debug));
    assert!(texts!(display).is_empty(), "{:?}", texts!(display));
    assert!(texts!(loggable).is_empty(), "{:?}", texts!(loggable));
}

#[test]
fn what_opens_a_door_is_shown_by_nothing() {
    macro_rules! secrets {
        ($question:ident) => {
            which!($question: Secret, NewPassword, PasswordHash, SessionToken, InvitationToken, LockToken)
        };
    }
    assert!(secrets!(display).is_empty(), "{:?}", secrets!(display));
    assert!(secrets!(loggable).is_empty(), "{:?}", secrets!(loggable));
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
}
