//! Pupils, the classes of exams, and whose copy is whose.

use domain::audit::IdentityMethod;
use domain::copy::Standing;
use domain::student::{ClassName, GivenNames, Particulars, SchoolNumber, Surname};
use domain::{Copy, StudentId};
use store::{Constraint, CopyFilter, Error, StudentFilter};

use crate::harness::Bench;

const NOBODY: Standing = Standing {
    known: None,
    released: false,
};

fn pupil(surname: &str, given_names: &str, class: &str, number: Option<&str>) -> Particulars {
    Particulars {
        surname: Surname::new(surname).expect("a name"),
        given_names: GivenNames::new(given_names).expect("names"),
        birth_date: None,
        class: ClassName::new(class),
        number: number.and_then(SchoolNumber::new),
    }
}

async fn enrolled(bench: &Bench, pupils: Vec<Particulars>) -> Vec<StudentId> {
    let pupils: Vec<_> = pupils
        .into_iter()
        .map(|pupil| (bench.ids.next(), pupil))
        .collect();
    let ids = pupils.iter().map(|(id, _)| *id).collect();
    bench
        .tx(move |tx| tx.students().insert_all(&pupils))
        .await
        .expect("the pupils are stored");
    ids
}

#[tokio::test]
async fn pupils_are_found_by_the_beginnings_of_words_and_listed_by_name() {
    let bench = Bench::new().await;
    let ids = enrolled(
        &bench,
        vec![
            pupil("LÉCUYER-DURAND", "Zoé", "1re B", Some("12")),
            pupil("Durand", "Anne Sophie", "1re A", None),
            pupil("MARTIN", "Paul", "1re B", None),
        ],
    )
    .await;
    let find = async |words: &str, class: &str, after: Option<StudentId>, limit| {
        let filter = StudentFilter {
            words: domain::folding::fold(words),
            class: class.to_owned(),
        };
        let found = bench
            .tx(move |tx| tx.students().page(&filter, after, limit))
            .await;
        let found = found.expect("pupils are listed").expect("the cursor is known");
        let place = |id: &StudentId| ids.iter().position(|known| known == id);
        let places: Vec<_> = found.items.iter().filter_map(|pupil| place(&pupil.id)).collect();
        (places, found.next)
    };
    for (words, class, places) in [
        ("", "", vec![1, 0, 2]),
        ("DUR", "", vec![1, 0]),
        ("dur zo", "", vec![0]),
        ("soph dura", "", vec![1]),
        ("urand", "", vec![]),
        ("12", "", vec![0]),
        ("1re b", "", vec![0, 2]),
        ("", "1re B", vec![0, 2]),
        ("%", "", vec![1, 0, 2]),
        ("a_", "", vec![1]),
    ] {
        assert_eq!(find(words, class, None, 10).await.0, places, "{words} {class}");
    }
    let (first, next) = find("", "", None, 2).await;
    assert_eq!(
        (first, find("", "", next, 2).await),
        (vec![1, 0], (vec![2], None))
    );
    let unknown = bench.ids.next();
    let beyond = bench.tx(move |tx| tx.students().page(&StudentFilter::default(), Some(unknown), 2));
    assert!(beyond.await.expect("nothing is listed").is_none());
}

#[tokio::test]
async fn a_pupil_changes_and_is_never_two() {
    let bench = Bench::new().await;
    let ids = enrolled(
        &bench,
        vec![
            pupil("MARTIN", "Paul", "1re B", Some("1")),
            pupil("MARTIN", "Paule", "1re B", Some("2")),
        ],
    )
    .await;
    let (first, user) = (ids[0], bench.teacher);
    let conflict = |constraint| Err(Error::Conflict { constraint });
    for (changed, expected) in [
        (pupil("MARTIN", "Paul", "", None), Ok(())),
        (
            pupil("Martin", "PAULE", "", None),
            conflict(Constraint::DuplicateStudent),
        ),
        (
            pupil("MARTIN", "Paul", "", Some("2")),
            conflict(Constraint::DuplicateNumber),
        ),
    ] {
        let stored = bench.tx(move |tx| tx.students().update(first, &changed)).await;
        assert_eq!(stored, expected);
    }
    let found = bench.tx(move |tx| {
        tx.students().hold()?;
        tx.students().set_user(first, user)?;
        tx.students().for_update(first)
    });
    let found = found.await.expect("the pupil is read").expect("they are there");
    assert!(found.user == Some(user) && found.particulars == pupil("MARTIN", "Paul", "", None));
}

#[tokio::test]
async fn the_classes_of_an_exam_are_replaced_as_a_whole() {
    let bench = Bench::new().await;
    let exam = bench.exam;
    for names in [vec!["1re B", "1re A"], vec!["1re A"], vec![]] {
        let classes: Vec<ClassName> = names.iter().filter_map(|name| ClassName::new(name)).collect();
        let found = bench.tx(move |tx| {
            tx.exams().set_classes(exam, &classes)?;
            tx.exams().classes_of(&[exam])
        });
        let found = found.await.expect("the classes are read");
        let found = found.get(&exam).map(Vec::as_slice).unwrap_or_default();
        let mut names = names;
        names.sort_unstable();
        assert_eq!(found.iter().map(ClassName::expose).collect::<Vec<_>>(), names);
    }
}

async fn identify(bench: &Bench, copy: &Copy, student: StudentId) -> Result<(), Error> {
    let asked = bench.asked(bench.admin).await;
    let identified = copy.identify(NOBODY, student, IdentityMethod::Manual, asked);
    let identified = identified.expect("it can be identified").expect("it is news");
    bench
        .tx(move |tx| tx.identify(&identified).map(|_entry| ()))
        .await
}

#[tokio::test]
async fn a_pupil_has_one_copy_of_an_exam_and_the_others_wait() {
    let bench = Bench::new().await;
    let ids = enrolled(&bench, vec![pupil("MARTIN", "Paul", "1re B", None)]).await;
    let (student, exam) = (ids[0], bench.exam);
    let (first, second) = (bench.imported(b"first").await, bench.imported(b"second").await);
    bench.registered(b"without pages").await;
    let waiting = async || {
        let filter = CopyFilter {
            exam: Some(exam),
            unidentified: true,
            ..CopyFilter::default()
        };
        let found = bench.tx(move |tx| tx.copies().page(&filter, None, 10)).await;
        let found = found.expect("copies are listed").items;
        found.iter().map(|view| view.copy.id).collect::<Vec<_>>()
    };
    assert_eq!(waiting().await, [first.id, second.id]);
    identify(&bench, &first, student).await.expect("it is stored");
    assert_eq!(
        identify(&bench, &second, student).await,
        Err(Error::Conflict {
            constraint: Constraint::StudentHasCopy
        })
    );
    assert_eq!(waiting().await, [second.id]);
    let copy = first.id;
    let author = bench.tx(move |tx| tx.students().of_copies(&[copy])).await;
    let author = author.expect("who wrote it is read").remove(&copy);
    assert!(author.is_some_and(|author| author.id == student));

    let known = Standing {
        known: Some((student, IdentityMethod::Manual)),
        released: false,
    };
    let asked = bench.asked(bench.admin).await;
    let undone = first.take_identity_back(known, asked).expect("it can be undone");
    let undone = undone.expect("it was known");
    let _undone = bench
        .tx(move |tx| tx.identify(&undone))
        .await
        .expect("it is stored");
    identify(&bench, &second, student).await.expect("it is stored");
}
