//! Many at once: one wins, the others are told, and nothing is lost.

use domain::Role;
use futures::future::join_all;
use serde_json::json;
use testkit::{Client, System, evidence};

use crate::desk::{Desk, Pen, comment, items, text, version};

const RACERS: usize = 100;
/// How often they race, unless `KORRIGO_RACE_ROUNDS` says otherwise.
const FEW: usize = 3;

fn rounds() -> usize {
    testkit::wanted("KORRIGO_RACE_ROUNDS", FEW)
}

#[tokio::test]
async fn of_a_hundred_who_want_one_copy_exactly_one_gets_it_every_time() {
    // A hundred who wait for one row wait long where the machine is busy.
    let builder = System::builder().setting("KORRIGO_DATABASE_WAIT", "20s");
    let system = builder.setting("KORRIGO_GRADING_TIMEOUT", "1m").start().await;
    let racers = system.newcomers(Role::Teacher, RACERS).await;
    let ids: Vec<String> = racers.iter().map(|racer| racer.id.clone()).collect();
    let desk = Desk::ready_for(&system, &ids).await;
    for round in 1..=rounds() {
        let (path, body) = (desk.at("/lock"), json!({}));
        let answers = join_all(racers.iter().map(|racer| racer.client.post(&path, &body))).await;
        let mut winner = None;
        for (racer, answer) in racers.iter().zip(answers) {
            if answer.status == 201 {
                let pen = Pen {
                    client: racer.client.clone(),
                    copy: desk.copy.clone(),
                    token: answer.text("/token"),
                };
                assert!(winner.replace(pen).is_none(), "two have won round {round}");
            } else {
                answer.expect_problem(409, "already_locked");
            }
        }
        let winner = winner.expect("somebody wins");
        assert_eq!(desk.times("LOCK").await, round);
        Client::send(winner.release()).await.expect(204);
    }
    evidence(format_args!(
        "{RACERS} people raced for one copy {} times, one got it each time",
        rounds()
    ));
}

#[tokio::test]
async fn of_two_windows_that_edit_one_annotation_one_is_told_and_neither_text_is_lost() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    let made = Client::send(pen.annotate("edited-by-two", &comment("Avant."))).await;
    let annotation = made.expect(201).text("/id");

    let words = ["De la première fenêtre.", "De la seconde fenêtre."];
    let edits = words.map(|words| Client::send(pen.amend(&annotation, 0, &json!({"text": words}))));
    let mut answers = join_all(edits).await.into_iter().zip(words).collect::<Vec<_>>();
    answers.sort_by_key(|(answer, _)| answer.status);
    let [(first, kept), (second, refused)] = answers.try_into().ok().unwrap();
    assert_eq!(first.expect(200).header("etag"), version(1));
    second.expect_problem(412, "stale_version");

    let path = desk.at("/annotations");
    let seen = items(&pen.client.get(&path).await.expect(200).json());
    let seen: Vec<_> = seen.iter().map(|annotation| text(annotation, "/text")).collect();
    assert_eq!(seen, [kept]);
    // The one who was told has their words still, looks, and writes again.
    let again = Client::send(pen.amend(&annotation, 1, &json!({"text": refused}))).await;
    assert_eq!(again.expect(200).header("etag"), version(2));
    assert_eq!(desk.times("UPDATE_ANN").await, 2);
}

#[tokio::test]
async fn a_finalize_sent_ten_times_at_once_makes_one_document() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    let sent = (0..10).map(|_| Client::send(pen.finalize("ten-at-once")));
    let answers = join_all(sent).await;
    let bodies: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect(202).body)
        .collect();
    assert!(bodies.windows(2).all(|pair| pair.first() == pair.last()));
    system.settle().await;
    assert_eq!(desk.rows("documents"), 1);
    assert_eq!(desk.times("FINALIZE").await, 1);
}

#[tokio::test]
async fn of_ten_finalizes_at_once_with_keys_of_their_own_one_makes_the_document() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    let keys: Vec<_> = (0..10).map(|number| format!("of-ten-number-{number}")).collect();
    let answers = join_all(keys.iter().map(|key| Client::send(pen.finalize(key)))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 202);
    assert_eq!(won.len(), 1);
    for answer in lost {
        // The winner's lock has ended, and by now perhaps the work too.
        let code = answer.expect(409).text("/code");
        assert!(
            ["expired", "wrong_state", "already_graded"].contains(&code.as_str()),
            "{code}"
        );
    }
    system.settle().await;
    let jobs = format!(
        "SELECT count(*) FROM grading.jobs WHERE copy_id = '{}' AND kind = 'FINALIZE_COPY'",
        desk.copy
    );
    assert_eq!(system.count(&jobs), 1);
    assert_eq!(desk.rows("documents"), 1);
    assert_eq!(desk.times("FINALIZE").await, 1);
}

#[tokio::test]
async fn an_annotation_of_another_copy_is_not_there() {
    let system = System::start().await;
    let (mine, other) = (Desk::ready(&system).await, Desk::ready(&system).await);
    let teacher = system.teacher().await;
    let there = Pen::take(&teacher, &other.copy).await;
    let made = Client::send(there.annotate("on-the-other", &comment("Là-bas."))).await;
    let annotation = made.expect(201).text("/id");
    let here = Pen::take(&teacher, &mine.copy).await;
    Client::send(here.amend(&annotation, 0, &json!({"text": "Ici."})))
        .await
        .expect_problem(404, "not_found");
    Client::send(here.erase(&annotation, 0))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(other.rows("annotations"), 1);
}
