//! Commands within sentences and tables, typed beside a running system: each is one, and says what came of it.

use std::collections::BTreeSet;

use korrigo::fences;
use tempfile::TempDir;
use testkit::{System, corpus};

use crate::seat::Seat;
use crate::standing_still::Import;
use crate::typed::{OPERATIONS, PLAYBOOK};

/// Commands that are not typed here, and why.
const NOT_TYPED: [(&str, &str); 1] = [(
    "korrigo drill --all",
    "`make prove` does it, and every test run one of them",
)];
/// How clap ends, and what it says where a command is only spoken of by its name.
const MISREAD: i32 = 2;
const ONLY_NAMED: [&str; 2] = ["arguments were not provided", "\n\nCommands:\n"];

#[tokio::test]
async fn what_sentences_say_of_korrigo_it_does_or_refuses_with_a_reason() {
    let system = System::start().await;
    let machine = TempDir::new().unwrap();
    let mut variables = system.seat();
    variables.extend([
        ("KORRIGO_ADMIN_URLS".to_owned(), system.admin_urls().into()),
        (
            "KORRIGO_SUPERUSER_URL".to_owned(),
            system.database.superuser_url().into(),
        ),
    ]);
    let mut seat = Seat::take(machine.path(), variables);
    Import::order(&system, corpus::text(2)).await.put_down(&mut seat);
    system.settle().await;
    system.vouched().await;

    let spans = [OPERATIONS, PLAYBOOK].map(fences::inline).concat();
    let spans: BTreeSet<_> = spans.iter().filter(|span| span.starts_with("korrigo ")).collect();
    let mut typed = 0;
    for span in &spans {
        if NOT_TYPED.iter().all(|(not, _)| not != *span) {
            let (code, printed) = seat.outcome(&meant(span));
            let only_named = ONLY_NAMED.iter().any(|words| printed.contains(words));
            assert!(code < MISREAD || only_named, "{span} ends with {code}: {printed}");
            typed += u32::from(code < MISREAD);
        }
    }
    assert!(typed > 20, "only {typed} were whole");
    for (not, why) in NOT_TYPED {
        assert!(
            spans.iter().any(|span| *span == not),
            "nobody says {not} any more: {why}"
        );
    }
}

/// With what stands for ids in place of the words for them.
fn meant(span: &str) -> String {
    let id = if span.contains(" job") {
        "$JOB"
    } else if span.contains(" request") {
        "$REQUEST"
    } else {
        "$COPY"
    };
    let words = span.split(' ').map(|word| match word {
        "ID" => id,
        "PID" => "1",
        "LETTER" => "000000000000",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
}
