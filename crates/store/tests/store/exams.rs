//! Exams, and who corrects them.

use domain::access::Relation;
use domain::exam::{Exam, ExamName, IdentityZone, Layout, ZonePages};
use domain::{ExamId, Rectangle};
use store::{Constraint, Error};

use crate::desk::scheme;
use crate::harness::{Bench, attempt, exam};

#[tokio::test]
async fn an_exam_is_read_as_it_was_stored() {
    let bench = Bench::new().await;
    let mut new = exam(bench.ids.next(), vec![bench.teacher]);
    new.identity_zone = Some(IdentityZone {
        pages: ZonePages::First,
        area: Rectangle::from_fractions([0.0, 0.0, 1.0, 0.2]).expect("a rectangle"),
    });
    let (id, stored) = (new.id, new.clone());
    bench
        .tx(move |tx| tx.exams().insert(&stored))
        .await
        .expect("the exam is stored");
    let found = bench
        .tx(move |tx| tx.exams().get(id))
        .await
        .expect("the exam is read")
        .expect("it is there");
    assert_eq!(found.name.expose(), new.name.expose());
    assert_eq!(
        (
            found.date,
            found.pages_per_copy,
            found.layout,
            found.identity_zone,
            found.correctors,
            found.version
        ),
        (
            new.date,
            new.pages_per_copy,
            new.layout,
            new.identity_zone,
            new.correctors,
            0
        )
    );
    let unknown = bench.ids.next();
    assert!(
        bench
            .tx(move |tx| tx.exams().get(unknown))
            .await
            .expect("nothing is read")
            .is_none()
    );
}

#[tokio::test]
async fn exams_are_listed_in_parts_and_for_their_correctors() {
    let bench = Bench::new().await;
    let [mine, other] = [vec![bench.teacher, bench.admin], Vec::new()].map(|who| exam(bench.ids.next(), who));
    let all = [bench.exam, mine.id, other.id];
    bench
        .tx(move |tx| {
            tx.exams().insert(&mine)?;
            tx.exams().insert(&other)
        })
        .await
        .expect("the exams are stored");
    let first = bench
        .tx(|tx| tx.exams().page(None, None, 2))
        .await
        .expect("the first part");
    let next = first.next;
    let second = bench
        .tx(move |tx| tx.exams().page(None, next, 2))
        .await
        .expect("the second part");
    assert!(second.next.is_none());
    let found: Vec<_> = first
        .items
        .iter()
        .chain(&second.items)
        .map(|exam| exam.id)
        .collect();
    assert_eq!(found, all);

    let teacher = bench.teacher;
    let visible = bench
        .tx(move |tx| tx.exams().page(Some(teacher), None, 9))
        .await
        .expect("a list");
    assert_eq!(
        visible.items.iter().map(|exam| exam.id).collect::<Vec<_>>(),
        all[..2]
    );
    let (mine, nobodys) = (all[1], all[2]);
    let (both, corrects, not, unknown) = bench
        .tx(move |tx| {
            let both = tx.exams().correctors(mine)?;
            let mut relation = |exam| tx.exams().relation(exam, teacher);
            Ok((
                both,
                relation(mine)?,
                relation(nobodys)?,
                relation(uuid::Uuid::nil().into())?,
            ))
        })
        .await
        .expect("relations are read");
    assert_eq!(both.len(), 2);
    assert_eq!(
        (corrects, not, unknown),
        (Some(Relation::Corrector), Some(Relation::Stranger), None)
    );
}

async fn found(bench: &Bench, id: ExamId) -> Exam {
    let (read, locked) = bench
        .tx(move |tx| Ok((tx.exams().get(id)?, tx.exams().for_update(id)?)))
        .await
        .expect("the exam is read");
    let (read, locked) = (read.expect("it is there"), locked.expect("it is there"));
    assert_eq!(
        (read.version, &read.correctors),
        (locked.version, &locked.correctors)
    );
    assert!(read.scheme == locked.scheme);
    read
}

#[tokio::test]
async fn a_changed_exam_is_read_as_it_was_stored() {
    let bench = Bench::new().await;
    let before = found(&bench, bench.exam).await;
    let zone = IdentityZone {
        pages: ZonePages::All,
        area: Rectangle::from_fractions([0.25, 0.0, 0.5, 0.125]).expect("a rectangle"),
    };
    let changed = Exam {
        name: ExamName::new("Brevet blanc – épreuve nº 2").expect("a name"),
        date: before.date.succ_opt().expect("a day"),
        pages_per_copy: None,
        layout: Layout::A3,
        identity_zone: Some(zone),
        correctors: vec![bench.admin],
        scheme: Some(scheme()),
        released_at: Some(bench.now().await.expect("the time")),
        version: 1,
        ..before.clone()
    };
    let bare = Exam {
        identity_zone: None,
        correctors: Vec::new(),
        scheme: None,
        released_at: None,
        version: 2,
        ..changed.clone()
    };
    for stored in [changed.clone(), bare.clone()] {
        let new = stored.clone();
        let updated = bench.tx(move |tx| tx.exams().update(&new)).await;
        assert_eq!(updated, Ok(()));
        let read = found(&bench, bench.exam).await;
        assert!(read.name.expose() == stored.name.expose() && read.scheme == stored.scheme);
        assert_eq!(
            (read.date, read.pages_per_copy, read.layout, read.identity_zone),
            (stored.date, None, Layout::A3, stored.identity_zone)
        );
        assert_eq!(
            (read.correctors, read.released_at, read.version),
            (stored.correctors, stored.released_at, stored.version)
        );
    }
    for stale in [before, changed, bare] {
        let answer = bench.tx(move |tx| tx.exams().update(&stale)).await;
        assert_eq!(answer, Err(Error::Stale { table: "exams" }));
    }
    assert_eq!(found(&bench, bench.exam).await.version, 2);
}

#[tokio::test]
async fn an_exam_that_cannot_get_its_correctors_keeps_those_it_had() {
    let bench = Bench::new().await;
    let before = found(&bench, bench.exam).await;
    let changed = Exam {
        correctors: vec![bench.admin, bench.ids.next()],
        version: 1,
        ..before.clone()
    };
    let answer = bench.tx(move |tx| tx.exams().update(&changed)).await;
    let constraint = Constraint::UnknownCorrector;
    assert_eq!(answer, Err(Error::Conflict { constraint }));
    let after = found(&bench, bench.exam).await;
    assert_eq!((after.correctors, after.version), (before.correctors, 0));
}

#[tokio::test]
async fn a_marking_scheme_that_no_program_writes_is_called_corrupt() {
    let bench = Bench::new().await;
    let exam = bench.exam;
    for scheme in [
        r#"[{"id": "1", "label": "Un"}]"#,
        r#"[{"id": "1", "label": "Un", "quarters": "4"}]"#,
        r#"[{"id": "1", "label": "Un", "quarters": 0}]"#,
        r#"[{"id": "1", "label": "Un", "quarters": 4, "parts": []}]"#,
        r#"[{"id": "1", "label": "Un", "parts": []}]"#,
        r#"[{"id": "Camille Exemple", "label": "Un", "quarters": 4}]"#,
    ] {
        let update = format!("UPDATE grading.exams SET marking_scheme = '{scheme}'");
        bench.database.run(&update);
        let read = bench.tx(move |tx| tx.exams().get(exam).map(|_exam| ())).await;
        assert_eq!(read, Err(Error::Corrupt { table: "exams" }), "{scheme}");
    }
    for scheme in ["[]", "{}", "null", "1"] {
        let update = format!("UPDATE grading.exams SET marking_scheme = '{scheme}'");
        let answer = attempt(&bench.database.app_url(), &update).expect_err(scheme);
        assert!(
            answer.contains("exams_marking_scheme_is_a_list"),
            "{scheme}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_corrector_has_to_be_somebody() {
    let bench = Bench::new().await;
    let new = exam(bench.ids.next(), vec![bench.ids.next()]);
    let answer = bench.tx(move |tx| tx.exams().insert(&new)).await;
    assert_eq!(
        answer,
        Err(Error::Conflict {
            constraint: Constraint::UnknownCorrector
        })
    );
}
