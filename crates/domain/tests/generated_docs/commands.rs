//! Every command, as each kind of caller gives it.

use domain::annotation::{Content, Ink};
use domain::audit::{Action, IdentityMethod};
use domain::copy::{
    Asked, Correction, Disclosure, Editor, Identification, Locking, Merge, Part, Reordering, Room, Standing,
    Started, State, Tally, Variant,
};
use domain::lock::{Lock, Ttl};
use domain::{
    Adjustment, Annotation, AnnotationKind, Copy, Digest, FailureCode, FileSize, Ids, MarkingScheme,
    PageCount, PageIndex, Points, Prose, QuestionId, Reason, Rectangle, Refusal, Timestamp, Transition,
    scheme,
};
use uuid::Uuid;

use crate::people::{asked, attempted, other, owner, pages, registered, token, wrong_token};

/// What a copy answers to a command.
pub(crate) enum Answer {
    /// It is this copy from now on.
    Becomes(Box<Copy>, Action),
    /// It stays, with or without an event.
    Stays(Option<Action>),
    /// It refuses.
    Refuses(Refusal),
}

/// A command as somebody gives it.
pub(crate) struct Command {
    pub(crate) says: &'static str,
    pub(crate) give: fn(Copy, Timestamp) -> Answer,
}

const fn command(says: &'static str, give: fn(Copy, Timestamp) -> Answer) -> Command {
    Command { says, give }
}

pub(crate) const COMMANDS: &[Command] = &[
    command("import succeeds", |copy, _| {
        answer(copy.complete_import(pages(), attempted()))
    }),
    command("import fails for good", |copy, _| {
        answer(copy.fail_import(FailureCode::InvalidPdf, attempted()))
    }),
    command("retry the import", |copy, now| {
        answer(copy.retry_import(asked(other(), now), &Ids::sequence()))
    }),
    command("validate", |copy, now| answer(copy.validate(asked(other(), now)))),
    command("discard", |copy, now| {
        answer(copy.discard(Reason::BadScan, asked(other(), now)))
    }),
    command("lock", |copy, now| lock(copy, asked(owner(), now))),
    command("lock, somebody else", |copy, now| lock(copy, asked(other(), now))),
    command("heartbeat", |copy, now| {
        answer(copy.heartbeat(Some(token()), asked(owner(), now)))
    }),
    command("heartbeat, another token", |copy, now| {
        answer(copy.heartbeat(Some(wrong_token()), asked(owner(), now)))
    }),
    command("the lock lapses", |copy, now| {
        let asked = asked(owner(), now);
        answer(copy.lapse(now, asked.actor(), asked.operation))
    }),
    command("release", |copy, now| {
        answer(copy.release(Some(token()), asked(owner(), now)))
    }),
    command("release, another token or none", |copy, now| {
        answer(copy.release(None, asked(owner(), now)))
    }),
    command("release, somebody else", |copy, now| {
        answer(copy.release(Some(token()), asked(other(), now)))
    }),
    command("force-release", |copy, now| {
        answer(copy.force_release(Reason::CorrectorAbsent, asked(other(), now)))
    }),
    command("annotate", |copy, now| edit(&copy, now, annotate)),
    command("annotate, another token", |copy, now| {
        answer(write(&copy, Some(wrong_token()), asked(owner(), now)))
    }),
    command("annotate, no token", |copy, now| {
        answer(write(&copy, None, asked(owner(), now)))
    }),
    command("annotate, somebody else", |copy, now| {
        answer(write(&copy, None, asked(other(), now)))
    }),
    command("change an annotation", |copy, now| {
        edit(&copy, now, |editor, before| {
            let moved = Content {
                page: PageIndex::new(1).unwrap(),
                ..content()
            };
            editor.amend(&before, before.version, moved, None)
        })
    }),
    command("take away an annotation", |copy, now| {
        edit(&copy, now, |editor, before| editor.erase(before, 0))
    }),
    command("give points", |copy, now| {
        edit(&copy, now, |editor, _| {
            editor.score(Some(&questions()), question(), (None, Some(Points::ZERO)))
        })
    }),
    command("remark on a question", |copy, now| {
        edit(&copy, now, |editor, _| {
            editor.remark(Some(&questions()), question(), (words().as_ref(), None))
        })
    }),
    command("appreciate the whole", |copy, now| {
        edit(&copy, now, |editor, _| {
            Ok(editor.appreciate((words().as_ref(), None)))
        })
    }),
    command("finalize", |copy, now| {
        finalize(copy, Some(token()), asked(owner(), now), Points::ZERO)
    }),
    command("finalize, score out of range", |copy, now| {
        let above = Points::TWENTY + Points::TWENTY;
        finalize(copy, Some(token()), asked(owner(), now), above)
    }),
    command("finalize, no token", |copy, now| {
        finalize(copy, None, asked(owner(), now), Points::ZERO)
    }),
    command("the document is made", |copy, _| {
        answer(copy.complete_finalize(Digest::of(b"y"), attempted()))
    }),
    command("an attempt fails", |copy, _| {
        answer(copy.fail_finalize(FailureCode::Timeout, true, attempted()))
    }),
    command("the last attempt fails", |copy, _| {
        answer(copy.fail_finalize(FailureCode::Timeout, false, attempted()))
    }),
    command("reopen", |copy, now| {
        answer(copy.reopen(Reason::Appeal, false, asked(other(), now)))
    }),
    command("reopen while results are released", |copy, now| {
        answer(copy.reopen(Reason::Appeal, true, asked(other(), now)))
    }),
    command("identify", |copy, now| {
        let (nobody, method) = (standing(false), IdentityMethod::Manual);
        answer(copy.identify(nobody, Ids::sequence().next(), method, asked(other(), now)))
    }),
    command("identify while results are released", |copy, now| {
        let (nobody, method) = (standing(true), IdentityMethod::Manual);
        answer(copy.identify(nobody, Ids::sequence().next(), method, asked(other(), now)))
    }),
    command("merge another copy into it", |copy, now| {
        let merged = merge(untouched(copy), another(), asked(other(), now));
        answer(merged.map(|merge| Answer::from(merge.kept())))
    }),
    command("merge it into another copy", |copy, now| {
        let merged = merge(another(), untouched(copy), asked(other(), now));
        answer(merged.map(|merge| Answer::from(merge.emptied())))
    }),
    command("put its booklets into another order", |copy, now| {
        let mut part = untouched(copy);
        part.copy.booklets.extend(another().copy.booklets);
        let order: Vec<_> = part
            .copy
            .booklets
            .iter()
            .rev()
            .map(|booklet| booklet.id)
            .collect();
        let reordered = part.reorder(&order, asked(other(), now));
        answer(reordered)
    }),
    command("change the score in bulk", |copy, now| {
        answer(copy.adjust(&half_a_point(), false, asked(other(), now), &Ids::sequence()))
    }),
    command(
        "change the score in bulk while results are released",
        |copy, now| answer(copy.adjust(&half_a_point(), true, asked(other(), now), &Ids::sequence())),
    ),
    command("export", |copy, now| {
        answer(copy.export(Variant::Full, Digest::of(b"y"), asked(owner(), now)))
    }),
];

/// Nobody has said yet whose copy it is.
fn standing(released: bool) -> Standing {
    Standing {
        known: None,
        released,
    }
}

/// Nobody has begun to correct it.
fn untouched(copy: Copy) -> Part {
    Part { copy, touched: false }
}

/// Another copy of the exam, READY.
fn another() -> Part {
    let mut copy = registered();
    copy.id = Uuid::from_u128(600).into();
    for booklet in &mut copy.booklets {
        booklet.id = Uuid::from_u128(700).into();
    }
    copy.state = State::Ready { pages: pages() };
    untouched(copy)
}

fn merge(kept: Part, other: Part, asked: Asked) -> Result<Merge, Refusal> {
    let room = Room {
        pages: PageCount::new(20).unwrap(),
        bytes: FileSize::new(100).unwrap(),
    };
    kept.merge(other, (standing(false), standing(false)), room, asked)
}

/// Whoever locks a copy tidies up the lock that has lapsed first.
fn lock(copy: Copy, asked: Asked) -> Answer {
    let copy = if copy.has_lapsed_lock(asked.now) {
        let lapsed = copy.lapse(asked.now, asked.actor(), asked.operation);
        lapsed.unwrap().into_copy()
    } else {
        copy
    };
    answer(copy.lock(token(), Ttl::USUAL, asked))
}

fn finalize(copy: Copy, token: Option<Digest>, asked: Asked, total: Points) -> Answer {
    let tally = Tally {
        total,
        max: Points::TWENTY,
    };
    answer(copy.finalize(token, tally, asked, &Ids::sequence()))
}

/// What the owner of the lock does to an annotation that is on the copy.
fn edit<T: Into<Answer>>(
    copy: &Copy,
    now: Timestamp,
    act: fn(Editor<'_>, Annotation) -> Result<T, Refusal>,
) -> Answer {
    let before = Annotation {
        id: Ids::sequence().next(),
        copy: copy.id,
        content: content(),
        by: owner(),
        version: 0,
    };
    let editor = copy.editor(Some(token()), asked(owner(), now));
    answer(editor.and_then(|editor| act(editor, before)))
}

fn write(copy: &Copy, token: Option<Digest>, asked: Asked) -> Result<Correction, Refusal> {
    copy.editor(token, asked)
        .and_then(|editor| editor.annotate(Ids::sequence().next(), content(), None))
}

fn annotate(editor: Editor<'_>, before: Annotation) -> Result<Correction, Refusal> {
    editor.annotate(before.id, before.content, None)
}

fn content() -> Content {
    Content {
        page: PageIndex::new(0).unwrap(),
        area: Rectangle::from_fractions([0.1, 0.1, 0.2, 0.2]).unwrap(),
        kind: AnnotationKind::Highlight,
        text: None,
        ink: Ink::default(),
        score_delta: None,
        question: None,
    }
}

fn words() -> Option<Prose> {
    Prose::new("Bien vu.").unwrap()
}

fn half_a_point() -> Adjustment {
    Adjustment {
        change_set: Ids::sequence().next(),
        reason: Reason::MarkingError,
        question: None,
        delta: Points::from_quarters(2),
    }
}

fn question() -> QuestionId {
    "1".parse().unwrap()
}

fn questions() -> MarkingScheme {
    let question = scheme::Question {
        id: question(),
        label: scheme::QuestionLabel::new("Une question").unwrap(),
        worth: scheme::Worth::Points(Points::TWENTY),
    };
    MarkingScheme::new(vec![question]).unwrap()
}

fn answer<T: Into<Answer>>(answered: Result<T, Refusal>) -> Answer {
    answered.map_or_else(Answer::Refuses, Into::into)
}

impl From<&Transition> for Answer {
    fn from(transition: &Transition) -> Self {
        Self::Becomes(Box::new(transition.copy().clone()), transition.event().action())
    }
}

impl From<Transition> for Answer {
    fn from(transition: Transition) -> Self {
        Self::from(&transition)
    }
}

impl From<Option<Transition>> for Answer {
    fn from(transition: Option<Transition>) -> Self {
        transition.map_or(Self::Stays(None), Self::from)
    }
}

impl From<Started> for Answer {
    fn from(started: Started) -> Self {
        Self::from(started.transition())
    }
}

impl From<Locking> for Answer {
    fn from(locking: Locking) -> Self {
        match locking {
            Locking::Taken(transition) => Self::from(*transition),
            Locking::Renewed(lock) => Self::from(lock),
        }
    }
}

impl From<Lock> for Answer {
    fn from(_extended: Lock) -> Self {
        Self::Stays(None)
    }
}

impl From<Correction> for Answer {
    fn from(correction: Correction) -> Self {
        Self::Stays(Some(correction.event().action()))
    }
}

impl From<Option<Correction>> for Answer {
    fn from(correction: Option<Correction>) -> Self {
        correction.map_or(Self::Stays(None), Self::from)
    }
}

impl From<Option<Identification>> for Answer {
    fn from(identification: Option<Identification>) -> Self {
        Self::Stays(identification.map(|identification| identification.event().action()))
    }
}

impl From<Option<Reordering>> for Answer {
    fn from(reordering: Option<Reordering>) -> Self {
        reordering.map_or(Self::Stays(None), |reordering| {
            Self::from(reordering.transition())
        })
    }
}

impl From<Disclosure> for Answer {
    fn from(disclosure: Disclosure) -> Self {
        Self::Stays(Some(disclosure.event().action()))
    }
}
