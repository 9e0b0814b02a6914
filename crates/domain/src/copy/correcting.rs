//! What a corrector does to a copy that they have locked. Each change leaves its event; the copy's own state stays.

use crate::annotation::{Annotation, Content};
use crate::audit::{Actor, Event, Metadata, RemarkTarget};
use crate::copy::{Asked, Copy, Refusal};
use crate::digest::Digest;
use crate::ids::AnnotationId;
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

    /// Says something about a question, or nothing any more.
    pub fn remark(
        &self,
        scheme: Option<&MarkingScheme>,
        question: QuestionId,
        text: Option<Prose>,
    ) -> Result<Correction, Refusal> {
        known(scheme, &question)?;
        let metadata = Metadata::Remark {
            target: RemarkTarget::Question,
            question_id: Some(question.clone()),
            cleared: text.is_none(),
        };
        Ok(self.correction(Change::Remarked(question, text), metadata))
    }

    /// Says something about the whole copy, or nothing any more.
    pub fn appreciate(&self, text: Option<Prose>) -> Correction {
        let metadata = Metadata::Remark {
            target: RemarkTarget::Copy,
            question_id: None,
            cleared: text.is_none(),
        };
        self.correction(Change::Appreciated(text), metadata)
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
            copy: self.copy.id,
            actor: Actor::User(self.asked.by),
            operation: self.asked.operation,
            metadata,
        };
        Correction { change, event }
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
