//! What a corrector does to a copy that they have locked. Each change leaves its event; the copy's own state stays.

use crate::annotation::{Annotation, Content};
use crate::audit::{Event, Metadata, RemarkTarget};
use crate::copy::{Asked, Copy, Refusal};
use crate::digest::Digest;
use crate::ids::{AnnotationId, CopyId};
use crate::marks::{self, NotAScore};
use crate::page::PageCount;
use crate::points::Points;
use crate::prose::Prose;
use crate::scheme::{MarkingScheme, QuestionId};

/// The right to change a copy: a lock that was alive a moment ago, within the transaction of the change.
#[derive(Debug, Clone, Copy)]
pub struct Editor<'a> {
    copy: &'a Copy,
    pages: PageCount,
    asked: Asked,
}

/// A change of what is on a copy with the event it leaves. Only this crate makes one, only the store records one.
#[must_use = "a correction that is not recorded did not happen"]
pub struct Correction {
    copy: CopyId,
    change: Change,
    event: Event,
}

/// What changes on a copy.
pub enum Change {
    /// A new annotation.
    Annotated(Annotation),
    /// An annotation as it will be.
    Amended(Annotation),
    /// An annotation that goes.
    Erased(Annotation),
    /// The points of a question; `None` takes them away.
    Scored(QuestionId, Option<Points>),
    /// The words about a question; `None` takes them away.
    Remarked(QuestionId, Option<Prose>),
    /// The words about the whole; `None` takes them away.
    Appreciated(Option<Prose>),
}

impl Correction {
    /// On which copy.
    #[must_use]
    pub fn copy(&self) -> CopyId {
        self.copy
    }

    /// What changes.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
}

impl Copy {
    /// The right to change what is on the copy, if the caller has its lock.
    pub fn editor(&self, token: Option<Digest>, asked: Asked) -> Result<Editor<'_>, Refusal> {
        let (_, pages) = self.held_lock(token, asked)?;
        Ok(Editor {
            copy: self,
            pages,
            asked,
        })
    }
}

impl Editor<'_> {
    /// Adds an annotation.
    pub fn annotate(
        &self,
        id: AnnotationId,
        content: Content,
        scheme: Option<&MarkingScheme>,
    ) -> Result<Correction, Refusal> {
        self.check(&content, scheme)?;
        let metadata = Metadata::CreateAnn {
            annotation_id: id,
            page: content.page.get(),
        };
        let annotation = Annotation {
            id,
            copy: self.copy.id,
            content,
            by: self.asked.by,
            version: 0,
        };
        Ok(self.correction(Change::Annotated(annotation), metadata))
    }

    /// Changes an annotation that the caller has seen in its version `seen`. `None` if nothing differs.
    pub fn amend(
        &self,
        before: &Annotation,
        seen: i64,
        content: Content,
        scheme: Option<&MarkingScheme>,
    ) -> Result<Option<Correction>, Refusal> {
        if before.version != seen {
            return Err(Refusal::StaleVersion);
        }
        self.check(&content, scheme)?;
        let fields = content.differences(&before.content);
        if fields.is_empty() {
            return Ok(None);
        }
        let metadata = Metadata::UpdateAnn {
            annotation_id: before.id,
            page: content.page.get(),
            fields,
        };
        let annotation = Annotation {
            content,
            version: before.version + 1,
            ..before.clone()
        };
        Ok(Some(self.correction(Change::Amended(annotation), metadata)))
    }

    /// Takes away an annotation that the caller has seen in its version `seen`.
    pub fn erase(&self, annotation: Annotation, seen: i64) -> Result<Correction, Refusal> {
        if annotation.version != seen {
            return Err(Refusal::StaleVersion);
        }
        let metadata = Metadata::DeleteAnn {
            annotation_id: annotation.id,
            page: annotation.content.page.get(),
        };
        Ok(self.correction(Change::Erased(annotation), metadata))
    }

    /// Gives a question points, or takes them away. `None` if it has these already.
    pub fn score(
        &self,
        scheme: Option<&MarkingScheme>,
        question: QuestionId,
        (before, after): (Option<Points>, Option<Points>),
    ) -> Result<Option<Correction>, Refusal> {
        marks::check_score(scheme, &question, after.unwrap_or(Points::ZERO))?;
        if before == after {
            return Ok(None);
        }
        let metadata = Metadata::Score {
            question_id: question.clone(),
            points: after,
            previous: before,
        };
        Ok(Some(self.correction(Change::Scored(question, after), metadata)))
    }

    /// Says something about a question, or nothing any more. `None` if that is what was said already.
    pub fn remark(
        &self,
        scheme: Option<&MarkingScheme>,
        question: QuestionId,
        (before, after): (Option<&Prose>, Option<Prose>),
    ) -> Result<Option<Correction>, Refusal> {
        known(scheme, &question)?;
        if before == after.as_ref() {
            return Ok(None);
        }
        let metadata = Metadata::Remark {
            target: RemarkTarget::Question,
            question_id: Some(question.clone()),
            cleared: after.is_none(),
        };
        Ok(Some(self.correction(Change::Remarked(question, after), metadata)))
    }

    /// Says something about the whole copy, or nothing any more. `None` if that is what was said already.
    #[must_use]
    pub fn appreciate(&self, (before, after): (Option<&Prose>, Option<Prose>)) -> Option<Correction> {
        if before == after.as_ref() {
            return None;
        }
        let metadata = Metadata::Remark {
            target: RemarkTarget::Copy,
            question_id: None,
            cleared: after.is_none(),
        };
        Some(self.correction(Change::Appreciated(after), metadata))
    }

    fn check(&self, content: &Content, scheme: Option<&MarkingScheme>) -> Result<(), Refusal> {
        if content.page.get() >= self.pages.get() {
            return Err(Refusal::PageOutOfRange);
        }
        content
            .question
            .as_ref()
            .map_or(Ok(()), |question| known(scheme, question))
    }

    fn correction(&self, change: Change, metadata: Metadata) -> Correction {
        let event = Event {
            subject: self.copy.id.into(),
            actor: self.asked.actor(),
            operation: self.asked.operation,
            metadata,
        };
        Correction {
            copy: self.copy.id,
            change,
            event,
        }
    }
}

fn known(scheme: Option<&MarkingScheme>, question: &QuestionId) -> Result<(), Refusal> {
    let max = scheme.and_then(|scheme| scheme.max_of(question));
    max.map(|_there| ()).ok_or(Refusal::UnknownQuestion)
}

impl From<NotAScore> for Refusal {
    fn from(wrong: NotAScore) -> Self {
        match wrong {
            NotAScore::UnknownQuestion => Self::UnknownQuestion,
            NotAScore::Negative => Self::Negative,
            NotAScore::AboveMax { max } => Self::AboveMax { max },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::annotation::{AnnotationKind, Ink};
    use crate::audit::Actor;
    use crate::copy::samples::{
        LAPSED, allowed, asked, at, in_time, other_token, owner, refused, sample, somebody_else, token,
    };
    use crate::geometry::Rectangle;
    use crate::ids::Ids;
    use crate::page::PageIndex;
    use crate::scheme::{Question, QuestionLabel, Worth};

    fn scheme() -> MarkingScheme {
        let question = |id: &str, worth| Question {
            id: id.parse().unwrap(),
            label: QuestionLabel::new("Une question").unwrap(),
            worth,
        };
        let leaf = question("1.a", Worth::Points(Points::from_quarters(10)));
        MarkingScheme::new(vec![question("1", Worth::Parts(vec![leaf]))]).unwrap()
    }

    fn content() -> Content {
        Content {
            page: PageIndex::new(2).unwrap(),
            area: Rectangle::from_fractions([0.1, 0.1, 0.2, 0.2]).unwrap(),
            kind: AnnotationKind::Comment,
            text: Prose::new("Bien vu.").unwrap(),
            ink: Ink::default(),
            score_delta: None,
            question: Some("1.a".parse().unwrap()),
        }
    }

    /// What an editor who has the lock gets for what they do.
    fn edited<T>(act: impl FnOnce(Editor<'_>) -> T) -> T {
        act(sample("locked").editor(Some(token()), in_time()).unwrap())
    }

    fn annotation() -> Annotation {
        let added = edited(|editor| editor.annotate(Ids::sequence().next(), content(), Some(&scheme())));
        match added.unwrap().change {
            Change::Annotated(annotation) => annotation,
            Change::Amended(_)
            | Change::Erased(_)
            | Change::Scored(..)
            | Change::Remarked(..)
            | Change::Appreciated(_) => panic!("it is not an annotation"),
        }
    }

    fn said(correction: &Correction) -> (&str, serde_json::Value) {
        let event = correction.event();
        assert_eq!(event.actor, Actor::User(owner()));
        assert_eq!(event.operation, in_time().operation);
        (
            event.action().as_str(),
            serde_json::to_value(&event.metadata).unwrap(),
        )
    }

    #[test]
    fn whoever_has_the_lock_may_write_and_nobody_else() {
        let with = |copy: Copy| copy.editor(Some(token()), in_time()).map(|_editor| ());
        let without = |copy: Copy| copy.editor(None, in_time()).map(|_editor| ());
        assert_eq!(allowed(with), ["locked"]);
        assert_eq!(refused(with), [("ready", Refusal::Expired)]);
        assert!(allowed(without).is_empty());
        assert_eq!(
            refused(without),
            [
                ("ready", Refusal::LockRequired),
                ("locked", Refusal::TokenMismatch)
            ]
        );
    }

    #[test]
    fn a_refusal_says_the_first_thing_that_is_wrong() {
        let held = Refusal::AlreadyLocked {
            expires_at: at(LAPSED),
        };
        let (owner, other, still) = (owner(), somebody_else(), LAPSED - 1);
        for (by, token, second, refusal) in [
            // The owner: the token first, then the time.
            (owner, None, LAPSED, Refusal::TokenMismatch),
            (owner, Some(other_token()), LAPSED, Refusal::TokenMismatch),
            (owner, Some(token()), LAPSED, Refusal::Expired),
            // Somebody else: that it is held, for as long as it is; then what became of their own.
            (other, None, still, held),
            (other, Some(token()), still, held),
            (other, Some(token()), LAPSED, Refusal::Expired),
            (other, None, LAPSED, Refusal::LockRequired),
        ] {
            let copy = sample("locked");
            let refused = copy.editor(token, asked(by, second)).err();
            assert_eq!(refused, Some(refusal));
        }
    }

    #[test]
    fn an_annotation_begins_at_version_zero_and_is_told_by_its_id_and_page() {
        let annotation = annotation();
        assert_eq!(
            (annotation.version, annotation.by, annotation.copy),
            (0, owner(), sample("locked").id)
        );
        let again = edited(|editor| editor.annotate(annotation.id, content(), Some(&scheme())));
        let expected = json!({"annotation_id": annotation.id.to_string(), "page": 2});
        assert_eq!(said(&again.unwrap()), ("CREATE_ANN", expected));
    }

    #[test]
    fn an_annotation_is_on_a_page_and_about_a_question_that_are_there() {
        let annotate = |content: Content, scheme: Option<&MarkingScheme>| {
            edited(|editor| editor.annotate(Ids::sequence().next(), content, scheme)).err()
        };
        let beyond = Content {
            page: PageIndex::new(3).unwrap(),
            ..content()
        };
        let of = |question: Option<&str>| Content {
            question: question.map(|id| id.parse().unwrap()),
            ..content()
        };
        let scheme = scheme();
        assert_eq!(annotate(beyond.clone(), None), Some(Refusal::PageOutOfRange));
        assert_eq!(
            annotate(of(Some("2")), Some(&scheme)),
            Some(Refusal::UnknownQuestion)
        );
        assert_eq!(
            annotate(of(Some("1")), Some(&scheme)),
            Some(Refusal::UnknownQuestion)
        );
        assert_eq!(annotate(content(), None), Some(Refusal::UnknownQuestion));
        assert_eq!(annotate(of(None), None), None);

        let before = annotation();
        let amend =
            |seen, content| edited(|editor| editor.amend(&before, seen, content, Some(&scheme))).err();
        assert_eq!(amend(1, beyond.clone()), Some(Refusal::StaleVersion));
        assert_eq!(amend(0, beyond), Some(Refusal::PageOutOfRange));
        assert_eq!(amend(0, of(Some("1"))), Some(Refusal::UnknownQuestion));
    }

    #[test]
    fn a_change_names_its_fields_and_never_what_they_hold() {
        let before = annotation();
        let after = Content {
            text: Prose::new("À revoir.").unwrap(),
            score_delta: Some(Points::from_quarters(-1)),
            ..content()
        };
        let amended = edited(|editor| editor.amend(&before, 0, after, Some(&scheme())));
        let correction = amended.unwrap().unwrap();
        let expected = json!({
            "annotation_id": before.id.to_string(), "page": 2, "fields": ["text", "score_delta"],
        });
        assert_eq!(said(&correction), ("UPDATE_ANN", expected));
        assert!(matches!(correction.change(), Change::Amended(after) if after.version == 1));

        let same = edited(|editor| editor.amend(&before, 0, content(), Some(&scheme())));
        assert!(matches!(same, Ok(None)));
    }

    #[test]
    fn only_what_was_seen_is_taken_away() {
        let before = annotation();
        let stale = edited(|editor| editor.erase(before.clone(), 1));
        assert_eq!(stale.err(), Some(Refusal::StaleVersion));
        let erased = edited(|editor| editor.erase(before.clone(), 0)).unwrap();
        let expected = json!({"annotation_id": before.id.to_string(), "page": 2});
        assert_eq!(said(&erased), ("DELETE_ANN", expected));
        assert!(matches!(erased.change(), Change::Erased(gone) if gone.id == before.id));
    }

    #[test]
    fn points_are_told_with_those_before_and_the_same_points_again_are_no_change() {
        let some = |quarters| Some(Points::from_quarters(quarters));
        let score = |before, after| {
            let question = "1.a".parse().unwrap();
            edited(|editor| editor.score(Some(&scheme()), question, (before, after)))
        };
        for (before, after, points, previous) in [
            (None, some(9), json!("2.25"), json!(null)),
            (some(9), some(10), json!("2.5"), json!("2.25")),
            (some(10), None, json!(null), json!("2.5")),
        ] {
            let scored = score(before, after).unwrap().unwrap();
            let expected = json!({"question_id": "1.a", "points": points, "previous": previous});
            assert_eq!(said(&scored), ("SCORE", expected));
        }
        assert!(matches!(score(some(9), some(9)), Ok(None)));
        assert!(matches!(score(None, None), Ok(None)));
        assert_eq!(score(None, some(-1)).err(), Some(Refusal::Negative));
        let max = Points::from_quarters(10);
        assert_eq!(score(some(11), some(11)).err(), Some(Refusal::AboveMax { max }));
        for unknown in ["1", "2"] {
            let question = unknown.parse().unwrap();
            let refused = edited(|editor| editor.score(Some(&scheme()), question, (None, None)));
            assert_eq!(refused.err(), Some(Refusal::UnknownQuestion));
        }
    }

    #[test]
    fn words_are_told_by_what_they_are_about_and_never_by_what_they_say() {
        let remark = |id: &str, before: Option<Prose>, after| {
            let question = id.parse().unwrap();
            edited(|editor| editor.remark(Some(&scheme()), question, (before.as_ref(), after)))
        };
        let words = || Prose::new("Martin, relisez le cours.").unwrap();
        let about = |cleared| json!({"target": "question", "question_id": "1.a", "cleared": cleared});
        let remarked = remark("1.a", None, words()).unwrap().unwrap();
        assert_eq!(said(&remarked), ("REMARK", about(false)));
        let cleared = remark("1.a", words(), None).unwrap().unwrap();
        assert_eq!(said(&cleared), ("REMARK", about(true)));
        assert!(matches!(remark("1.a", words(), words()), Ok(None)));
        assert_eq!(remark("2", None, words()).err(), Some(Refusal::UnknownQuestion));

        let appreciated = edited(|editor| editor.appreciate((None, words()))).unwrap();
        let expected = json!({"target": "copy", "cleared": false});
        assert_eq!(said(&appreciated), ("REMARK", expected));
        assert!(matches!(appreciated.change(), Change::Appreciated(Some(_))));
        assert!(edited(|editor| editor.appreciate((words().as_ref(), words()))).is_none());
    }
}
