//! Exams, and who corrects them.

use domain::access::Relation;
use domain::exam::{IdentityZone, ZonePages};
use store::{Constraint, Error};

use crate::harness::{Bench, exam};

#[tokio::test]
async fn an_exam_is_read_as_it_was_stored() {
    let bench = Bench::new().await;
    let mut new = exam(bench.ids.next(), vec![bench.teacher]);
    new.identity_zone = IdentityZone::from_fractions(ZonePages::First, [0.0, 0.0, 1.0, 0.2]);
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
