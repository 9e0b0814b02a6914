//! A copy that a teacher corrects, and short ways to what they do to it.

use chrono::TimeDelta;
use domain::annotation::{AnnotationKind, Content, Ink};
use domain::copy::{Asked, Copy, Correction, Editor, Locking, Started, Tally};
use domain::lock::{LockToken, Ttl};
use domain::page::PageIndex;
use domain::scheme::{Question, QuestionLabel, Worth};
use domain::{Digest, MarkingScheme, Points, Prose, QuestionId, Rectangle, UserId};
use store::Error;

use crate::harness::Bench;

pub(crate) struct Desk {
    pub(crate) bench: Bench,
    pub(crate) copy: Copy,
    pub(crate) token: Digest,
}

impl Desk {
    /// A copy that the teacher has locked.
    pub(crate) async fn new() -> Self {
        let bench = Bench::new().await;
        let (copy, token) = bench.locked(b"scan").await;
        Self { bench, copy, token }
    }

    /// What the teacher does under the lock.
    pub(crate) async fn correct(&self, change: impl FnOnce(Editor<'_>) -> Correction) -> Result<(), Error> {
        let asked = self.bench.asked(self.bench.teacher).await;
        let editor = self.copy.editor(Some(self.token), asked);
        let correction = change(editor.expect("the lock holds"));
        self.bench
            .tx(move |tx| tx.correct(&correction).map(|_entry| ()))
            .await
    }

    /// The teacher gives a question points, or takes them away.
    pub(crate) async fn score(&self, id: &str, quarters: Option<i32>) {
        let points = quarters.map(Points::from_quarters);
        let change = |editor: Editor<'_>| {
            // What it was before does not matter to the store; it only must not be the same.
            let before = points.is_none().then_some(Points::ZERO);
            let correction = editor.score(Some(&scheme()), question(id), (before, points));
            correction.expect("a score").expect("a change")
        };
        self.correct(change).await.expect("the score is stored");
    }

    /// The teacher says something about a question, or nothing any more.
    pub(crate) async fn remark(&self, id: &str, text: &str) {
        let change = |editor: Editor<'_>| {
            let words = (otherwise(text), prose(text));
            let correction = editor.remark(Some(&scheme()), question(id), (words.0.as_ref(), words.1));
            correction.expect("a remark").expect("a change")
        };
        self.correct(change).await.expect("the remark is stored");
    }

    /// The teacher says something about the copy, or nothing any more.
    pub(crate) async fn appreciate(&self, text: &str) {
        let change = |editor: Editor<'_>| {
            let correction = editor.appreciate((otherwise(text).as_ref(), prose(text)));
            correction.expect("a change")
        };
        self.correct(change).await.expect("the appreciation is stored");
    }

    /// The teacher is done.
    pub(crate) async fn finalize(&self) -> Started {
        let asked = self.bench.asked(self.bench.teacher).await;
        let copy = self.copy.clone();
        copy.finalize(Some(self.token), TALLY, asked, &self.bench.ids)
            .expect("the copy can be finalized")
    }
}

impl Bench {
    /// A copy that the teacher has locked, and the digest of the token.
    pub(crate) async fn locked(&self, source: &[u8]) -> (Copy, Digest) {
        let copy = self.ready(source).await;
        self.lock(copy, self.teacher).await
    }

    /// A lock of a copy that is free.
    pub(crate) async fn lock(&self, copy: Copy, by: UserId) -> (Copy, Digest) {
        let asked = self.asked(by).await;
        self.lock_as(copy, asked).await
    }

    /// A lock that ended half an hour ago.
    pub(crate) async fn lapsed_lock(&self, copy: Copy, by: UserId) -> (Copy, Digest) {
        let asked = self.asked(by).await;
        let long_ago = asked.now - Ttl::USUAL.time() - TimeDelta::minutes(30);
        let asked = Asked {
            now: long_ago,
            ..asked
        };
        self.lock_as(copy, asked).await
    }

    async fn lock_as(&self, copy: Copy, asked: Asked) -> (Copy, Digest) {
        let token = LockToken::random().digest();
        let Ok(Locking::Taken(transition)) = copy.lock(token, Ttl::USUAL, asked) else {
            panic!("the copy is free")
        };
        (self.recorded(*transition).await, token)
    }

    /// Stores what starts a job, with its message, and gives the copy as it is from then on.
    pub(crate) async fn started(&self, started: Started) -> Copy {
        let envelope = self.envelope(started.job().id);
        let after = started.transition().copy().clone();
        let stored = self.tx(move |tx| tx.start(&started, &envelope).map(|_entry| ()));
        stored.await.expect("the job is started");
        after
    }
}

/// Less than the questions of the scheme bring.
pub(crate) const TALLY: Tally = Tally {
    total: Points::from_quarters(9),
    max: Points::from_quarters(24),
};

pub(crate) fn question(id: &str) -> QuestionId {
    id.parse().expect("an id")
}

pub(crate) fn prose(text: &str) -> Option<Prose> {
    Prose::new(text).expect("a text")
}

/// Question 1 with two parts, and question 2.
pub(crate) fn scheme() -> MarkingScheme {
    let named = |id: &str, worth| Question {
        id: question(id),
        label: QuestionLabel::new(&format!("Exercice {id} – œuvre")).expect("a label"),
        worth,
    };
    let leaf = |id: &str, quarters| named(id, Worth::Points(Points::from_quarters(quarters)));
    let group = named("1", Worth::Parts(vec![leaf("1.a", 10), leaf("1.b", 2)]));
    MarkingScheme::new(vec![group, leaf("2", 12)]).expect("a scheme")
}

/// Words in the margin of the first page.
pub(crate) fn comment(text: &str) -> Content {
    Content {
        page: PageIndex::new(0).expect("an index"),
        area: Rectangle::from_fractions([0.1, 0.2, 0.3, 0.4]).expect("a rectangle"),
        kind: AnnotationKind::Comment,
        text: prose(text),
        ink: Ink::default(),
        score_delta: None,
        question: None,
    }
}

/// Other words than these, so that these are a change.
fn otherwise(text: &str) -> Option<Prose> {
    if text.is_empty() { prose("Avant") } else { None }
}
