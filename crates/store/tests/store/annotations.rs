//! Annotations: kept as they are, changed from the version that was seen, and only under a lock.

use domain::annotation::{Annotation, AnnotationKind, Content, Ink};
use domain::copy::Editor;
use domain::geometry::InkPoint;
use domain::page::PageIndex;
use domain::{AnnotationId, Points, Rectangle};
use store::{AnnotationView, Error};

use crate::desk::{Desk, comment, prose, question, scheme};

/// Lines drawn by hand, with all that an annotation can have.
fn drawing() -> Content {
    let point = |x, pressure| InkPoint::from_fractions([x, 0.000_001, pressure]).expect("a point");
    Content {
        page: PageIndex::new(1).expect("an index"),
        area: Rectangle::from_fractions([0.0, 0.0, 1.0, 0.999_999]).expect("a rectangle"),
        kind: AnnotationKind::Ink,
        text: prose("Bien vu\n\tmais l’œuvre…"),
        ink: Ink::new(vec![
            vec![point(0.0, 0.0), point(1.0, 1.0)],
            vec![point(0.5, 0.25)],
        ])
        .expect("ink"),
        score_delta: Some(Points::from_quarters(-3)),
        question: Some(question("1.a")),
    }
}

pub(crate) async fn annotated(desk: &Desk, content: Content) -> AnnotationId {
    let id = desk.bench.ids.next();
    let change = |editor: Editor<'_>| {
        let correction = editor.annotate(id, content, Some(&scheme()));
        correction.expect("an annotation")
    };
    desk.correct(change).await.expect("the annotation is stored");
    id
}

async fn found(desk: &Desk, id: AnnotationId) -> AnnotationView {
    let copy = desk.copy.id;
    let found = desk.bench.tx(move |tx| tx.annotations().get(copy, id)).await;
    found.expect("a look").expect("the annotation is there")
}

async fn all(desk: &Desk) -> Vec<AnnotationId> {
    let copy = desk.copy.id;
    let all = desk.bench.tx(move |tx| tx.annotations().of(copy)).await;
    let all = all.expect("a list");
    all.iter().map(|view| view.annotation.id).collect()
}

/// The annotation with another content, from the version that was seen.
async fn amend(desk: &Desk, before: &Annotation, content: Content) -> Result<(), Error> {
    let change = |editor: Editor<'_>| {
        let amended = editor.amend(before, before.version, content, Some(&scheme()));
        amended.expect("a change").expect("a difference")
    };
    desk.correct(change).await
}

async fn erase(desk: &Desk, before: &Annotation) -> Result<(), Error> {
    let change = |editor: Editor<'_>| {
        let erased = editor.erase(before.clone(), before.version);
        erased.expect("the version is seen")
    };
    desk.correct(change).await
}

#[tokio::test]
async fn an_annotation_is_read_as_it_was_made() {
    let desk = Desk::new().await;
    let bare = Content {
        text: None,
        ..comment("")
    };
    for content in [drawing(), comment("Attention à l’accord"), bare] {
        let id = annotated(&desk, content.clone()).await;
        let AnnotationView {
            annotation,
            created_at,
            updated_at,
        } = found(&desk, id).await;
        assert!(annotation.content == content);
        assert_eq!(
            (annotation.id, annotation.copy, annotation.by, annotation.version),
            (id, desk.copy.id, desk.bench.teacher, 0)
        );
        assert!(updated_at >= created_at);
    }
}

#[tokio::test]
async fn every_kind_of_annotation_is_kept() {
    let desk = Desk::new().await;
    for kind in AnnotationKind::ALL {
        let ink = match kind {
            AnnotationKind::Ink => drawing().ink,
            AnnotationKind::Comment
            | AnnotationKind::Highlight
            | AnnotationKind::Error
            | AnnotationKind::Bonus
            | AnnotationKind::Stamp => Ink::default(),
        };
        let content = Content {
            kind: *kind,
            ink,
            ..comment("")
        };
        let id = annotated(&desk, content).await;
        assert_eq!(found(&desk, id).await.annotation.content.kind, *kind);
    }
}

#[tokio::test]
async fn annotations_are_listed_in_the_order_in_which_they_were_made_and_for_their_copy_only() {
    let desk = Desk::new().await;
    let first = annotated(&desk, comment("un")).await;
    let second = annotated(&desk, drawing()).await;
    assert_eq!(all(&desk).await, [first, second]);
    let (other, _) = desk.bench.locked(b"another").await;
    let looked = desk
        .bench
        .tx(move |tx| {
            let elsewhere = tx.annotations().get(other.id, first)?;
            Ok((elsewhere.is_none(), tx.annotations().of(other.id)?.is_empty()))
        })
        .await;
    assert_eq!(looked, Ok((true, true)));
}

#[tokio::test]
async fn a_change_counts_and_one_from_an_old_version_is_stale() {
    let desk = Desk::new().await;
    let id = annotated(&desk, comment("un")).await;
    let before = found(&desk, id).await;
    amend(&desk, &before.annotation, drawing())
        .await
        .expect("the change is stored");
    let after = found(&desk, id).await;
    assert!(after.annotation.content == drawing());
    assert_eq!(
        (after.annotation.version, after.created_at),
        (1, before.created_at)
    );
    assert!(after.updated_at > before.updated_at);

    let stale = Err(Error::Stale { table: "annotations" });
    assert_eq!(amend(&desk, &before.annotation, comment("deux")).await, stale);
    assert_eq!(erase(&desk, &before.annotation).await, stale);
    assert!(found(&desk, id).await.annotation == after.annotation);
    // What was not stored left no event: four of the copy's way here, one for each of the two changes.
    let events = "SELECT count(*) FROM grading.grading_events";
    assert_eq!(desk.bench.database.count(events), 5);
    assert_eq!(desk.bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn an_annotation_is_taken_away_once() {
    let desk = Desk::new().await;
    let (kept, gone) = (
        annotated(&desk, comment("un")).await,
        annotated(&desk, comment("deux")).await,
    );
    let before = found(&desk, gone).await.annotation;
    erase(&desk, &before).await.expect("it goes");
    assert_eq!(all(&desk).await, [kept]);
    assert_eq!(
        erase(&desk, &before).await,
        Err(Error::Stale { table: "annotations" })
    );
}

#[tokio::test]
async fn a_page_that_the_copy_does_not_have_is_refused_by_the_database_too() {
    let desk = Desk::new().await;
    desk.bench
        .database
        .run("SET session_replication_role = replica; DELETE FROM grading.pages WHERE index = 1");
    let id = desk.bench.ids.next();
    let change = |editor: Editor<'_>| {
        editor
            .annotate(id, drawing(), Some(&scheme()))
            .expect("an annotation")
    };
    assert_eq!(
        desk.correct(change).await,
        Err(Error::Refused {
            rule: "annotations_page_fkey"
        })
    );
}
