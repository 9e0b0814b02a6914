//! Releases: what is in them, that it stays, and who sees it.

use std::time::Instant;

use domain::access::Relation;
use domain::copy::Copy;
use domain::document::{Document, Documents};
use domain::release::{Release, Standing};
use domain::student::{GivenNames, Particulars, Surname};
use domain::{Digest, FileSize, JobId, Points, Reason, Role};
use store::Error;

use crate::desk::{Desk, question, scheme};
use crate::harness::{Bench, user};

fn documents(bytes: &[u8]) -> Documents {
    Documents {
        full: Document {
            digest: Digest::of(bytes),
            size: FileSize::new(12_345).expect("a size"),
            pages: 3,
        },
        anonymous: None,
    }
}

/// The copy of the desk with its corrected document.
pub(crate) async fn graded(desk: &Desk) -> Copy {
    let started = desk.finalize().await;
    let job = started.job().id;
    let copy = desk.bench.started(started).await;
    completed(&desk.bench, copy, job).await
}

/// The copy with the corrected document that this job makes.
pub(crate) async fn completed(bench: &Bench, copy: Copy, job: JobId) -> Copy {
    let (id, made) = (copy.id, documents(b"corrected"));
    let stored = bench.tx(move |tx| tx.documents().insert(job, id, &made));
    stored.await.expect("the document is stored");
    let completed = copy.complete_finalize(made.full.digest, bench.attempted(job));
    bench.recorded(completed.expect("the document is made")).await
}

/// The results of the exam are published.
pub(crate) async fn released(bench: &Bench) -> (Release, Vec<Standing>) {
    let (asked, ids, exam) = (bench.asked(bench.admin).await, bench.ids.clone(), bench.exam);
    let published = bench.tx(move |tx| {
        let exam = tx.exams().for_update(exam)?.expect("the exam is there");
        let (copies, last) = (tx.releases().graded(exam.id)?, tx.releases().last(exam.id)?);
        let released = exam.release(copies.len(), last, asked, &ids);
        let (exam, release) = released.expect("there are results");
        tx.exams().update(&exam)?;
        let standings = tx.releases().insert(&release, Some(&scheme()))?;
        let told = tx.publish(&release.told(&standings, asked))?;
        assert_eq!(told.len(), standings.len());
        Ok((release, standings))
    });
    published.await.expect("the results are published")
}

async fn withdrawn(bench: &Bench, release: Release) -> Result<(), Error> {
    let (asked, exam) = (bench.asked(bench.admin).await, bench.exam);
    let release = release.withdrawn(asked);
    bench
        .tx(move |tx| {
            let exam = tx.exams().for_update(exam)?.expect("the exam is there");
            tx.releases().withdraw(&release)?;
            tx.exams().update(&exam.withdraw())
        })
        .await
}

#[tokio::test]
async fn a_release_has_what_the_graded_copies_have_at_that_moment() {
    let desk = Desk::new().await;
    desk.score("1.a", Some(9)).await;
    desk.appreciate("Bien.").await;
    let copy = graded(&desk).await;
    let bench = &desk.bench;
    bench.ready(b"not graded").await;
    let (student, pupil) = (bench.ids.next(), bench.ids.next());
    let new = user(pupil, "pupil", Role::Student);
    let particulars = Particulars {
        surname: Surname::new("ÉCUYER").expect("a name"),
        given_names: GivenNames::new("Zoé").expect("names"),
        birth_date: None,
        class: None,
        number: None,
    };
    let (exam, id) = (bench.exam, copy.id);
    let (release, standings) = released(bench).await;
    let standing = Standing {
        copy: id,
        score: Points::from_quarters(9),
        max: Points::from_quarters(24),
    };
    assert_eq!((release.number, standings), (1, vec![standing]));

    bench.database.add_person(&new);
    let known = bench.tx(move |tx| {
        assert_eq!(tx.results().nobodys(&release)?, [id]);
        tx.students().insert(student, &particulars)
    });
    known.await.expect("the pupil is stored");
    bench.database.run(&format!(
        "INSERT INTO grading.identities (copy_id, exam_id, student_id, method)
         VALUES ('{id}', '{exam}', '{student}', 'MANUAL')"
    ));
    let read = bench.tx(move |tx| {
        assert_eq!(tx.releases().current(exam)?, Some(release));
        assert_eq!(tx.releases().get(exam, 1)?, Some(release));
        assert_eq!(tx.releases().get(exam, 2)?, None);
        assert_eq!(tx.releases().standings(&release)?, [standing]);
        assert!(tx.releases().scheme(&release)? == Some(scheme()));
        assert!(tx.results().nobodys(&release)?.is_empty());
        assert_eq!(tx.results().document(id)?, Some(documents(b"corrected")));
        // Without access, the pupil sees nothing.
        assert!(tx.results().own(pupil, id)?.is_none());
        tx.results().rows_of(&release)
    });
    let rows = read.await.expect("the release is read");
    let [row] = rows.as_slice() else {
        panic!("one copy is graded")
    };
    let names = row.pupil.as_ref().map(Particulars::full_name);
    assert_eq!(names.as_deref(), Some("ÉCUYER Zoé"));
    assert_eq!(row.points, [(question("1.a"), Points::from_quarters(9))].into());
    assert_eq!(
        row.appreciation.as_ref().map(domain::Prose::expose),
        Some("Bien.")
    );
}

#[tokio::test]
async fn a_pupil_sees_their_copy_while_it_is_released() {
    let desk = Desk::new().await;
    let copy = graded(&desk).await.id;
    let bench = &desk.bench;
    let pupil = bench.ids.next();
    bench.database.add_person(&user(pupil, "pupil", Role::Student));
    bench.database.wrote(pupil, copy);
    let (admin, teacher) = (bench.admin, bench.teacher);
    let seen = || {
        bench.tx(move |tx| {
            let mut relation = |user| tx.copies().relation(copy, user);
            let relations = [relation(pupil)?, relation(teacher)?, relation(admin)?];
            let own = tx.results().own(pupil, copy)?;
            let listed = tx.results().page_of(pupil, None, 10)?.items;
            let of_others = tx.results().own(teacher, copy)?.is_some();
            let points = own.map(|own| own.listed.score.quarters());
            Ok((relations.map(Option::unwrap), points, listed.len(), of_others))
        })
    };
    let (corrector, stranger) = (Relation::Corrector, Relation::Stranger);
    let nothing = Ok(([stranger, corrector, stranger], None, 0, false));
    assert_eq!(seen().await, nothing);
    let (release, _) = released(bench).await;
    assert_eq!(
        seen().await,
        Ok(([Relation::Author, corrector, stranger], Some(9), 1, false))
    );
    assert_eq!(withdrawn(bench, release).await, Ok(()));
    assert_eq!(seen().await, nothing);
}

#[tokio::test]
async fn what_is_released_stays_graded_and_what_is_withdrawn_stays_withdrawn() {
    let desk = Desk::new().await;
    let copy = graded(&desk).await;
    let bench = &desk.bench;
    let (release, _) = released(bench).await;
    let asked = bench.asked(bench.admin).await;
    // As by a program that does not know releases.
    let reopened = || {
        copy.clone()
            .reopen(Reason::Appeal, false, asked)
            .expect("it is graded")
    };
    let (first, again) = (reopened(), reopened());
    let refused = bench.tx(move |tx| tx.record(&first).map(|_entry| ())).await;
    let rule = "copies_released_stay";
    assert_eq!(refused, Err(Error::Refused { rule }));
    let second = Release {
        id: bench.ids.next(),
        number: 2,
        ..release
    };
    let twice = bench.tx(move |tx| tx.releases().insert(&second, None).map(|_standings| ()));
    let rule = "releases_current_once";
    assert_eq!(twice.await, Err(Error::Refused { rule }));

    assert_eq!(withdrawn(bench, release).await, Ok(()));
    let table = "releases";
    assert_eq!(withdrawn(bench, release).await, Err(Error::Stale { table }));
    let (number, page) = bench
        .tx(move |tx| {
            let page = tx.releases().page(release.exam, None, 10)?.items;
            Ok((tx.releases().last(release.exam)?, page))
        })
        .await
        .expect("the releases are read");
    assert_eq!((number, page.len()), (Some(1), 1));
    assert!(page.iter().all(|release| release.withdrawn.is_some()));
    assert_eq!(bench.record(again).await.action, domain::audit::Action::Reopen);
}

#[tokio::test]
async fn two_thousand_copies_are_released_in_one_transaction() {
    const COPIES: usize = 2_000;
    let bench = Bench::new().await;
    bench.database.run(&format!(
        "SET session_replication_role = replica;
         WITH graded AS (
             INSERT INTO grading.copies
                 (id, exam_id, anonymous_id, status, page_count, score_quarters, max_quarters, retries)
             SELECT gen_random_uuid(), '{}', 'AAAA-' || translate(lpad(number::text, 4, '0'), '01', 'AB'),
                 'GRADED', 2, number % 80, 80, 0
             FROM generate_series(1, {COPIES}) AS number RETURNING id
         )
         INSERT INTO grading.documents (job_id, copy_id, digest, size, pages)
         SELECT gen_random_uuid(), id, sha256('x'), 1, 1 FROM graded",
        bench.exam
    ));
    let begun = Instant::now();
    let (release, standings) = released(&bench).await;
    let took = begun.elapsed();
    assert_eq!(standings.len(), COPIES);
    let told = "SELECT count(DISTINCT copy_id) FROM grading.grading_events WHERE action = 'RELEASE'";
    assert_eq!(bench.database.count(told), 2_000);
    assert_eq!(bench.database.verify_chains().err(), None);
    let rows = bench.tx(move |tx| tx.results().rows_of(&release)).await;
    assert_eq!(rows.map(|rows| rows.len()), Ok(COPIES));
    testkit::evidence(format_args!(
        "{COPIES} copies were released in {} ms",
        took.as_millis()
    ));
}
