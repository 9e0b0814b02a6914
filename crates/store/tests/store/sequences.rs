//! Whatever people and workers do to a copy, in whatever order: the tables hold what the domain says, and the trail
//! verifies.

use chrono::TimeDelta;
use domain::audit::Actor;
use domain::copy::{
    Asked, Attempted, Change, Copy, Correction, Disclosure, Grading, Locking, Started, State, Tally,
    Transition, Variant,
};
use domain::lock::{LockToken, Ttl};
use domain::{Annotation, CopyId, Digest, FailureCode, Points, Reason, Refusal, UserId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::desk::{comment, prose, question, scheme};
use crate::harness::{Bench, count};

#[derive(Debug, Clone, Copy)]
enum Command {
    CompleteImport,
    FailImport,
    RetryImport,
    Validate,
    Discard,
    Lock { admin: bool, lapsed: bool },
    Lapse,
    Release,
    ForceRelease,
    Annotate,
    Amend,
    Erase,
    Score { quarters: i32 },
    ClearScore,
    Remark { cleared: bool },
    Appreciate { cleared: bool },
    Finalize { quarters: i32 },
    CompleteFinalize,
    FailFinalize { will_retry: bool },
    Reopen,
    Export,
    Assign { taken_back: bool },
}

/// The straight way from the upload to the corrected copy and back: most sequences begin with a part of it, or they
/// would seldom come far.
const STRAIGHT: [Command; 10] = [
    Command::CompleteImport,
    Command::Validate,
    Command::Lock {
        admin: false,
        lapsed: false,
    },
    Command::Annotate,
    Command::Score { quarters: 9 },
    Command::Finalize { quarters: 9 },
    Command::FailFinalize { will_retry: true },
    Command::FailFinalize { will_retry: false },
    Command::Finalize { quarters: 9 },
    Command::CompleteFinalize,
];

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => Just(Command::CompleteImport),
        1 => Just(Command::FailImport),
        1 => Just(Command::RetryImport),
        1 => Just(Command::Validate),
        1 => Just(Command::Discard),
        4 => any::<(bool, bool)>().prop_map(|(admin, lapsed)| Command::Lock { admin, lapsed }),
        1 => Just(Command::Lapse),
        1 => Just(Command::Release),
        1 => Just(Command::ForceRelease),
        2 => Just(Command::Annotate),
        1 => Just(Command::Amend),
        1 => Just(Command::Erase),
        2 => (0..=10).prop_map(|quarters| Command::Score { quarters }),
        1 => Just(Command::ClearScore),
        1 => any::<bool>().prop_map(|cleared| Command::Remark { cleared }),
        1 => any::<bool>().prop_map(|cleared| Command::Appreciate { cleared }),
        2 => (-1..=25).prop_map(|quarters| Command::Finalize { quarters }),
        1 => Just(Command::CompleteFinalize),
        1 => any::<bool>().prop_map(|will_retry| Command::FailFinalize { will_retry }),
        1 => Just(Command::Reopen),
        1 => Just(Command::Export),
        1 => any::<bool>().prop_map(|taken_back| Command::Assign { taken_back }),
    ]
}

fn sequence() -> impl Strategy<Value = Vec<Command>> {
    let random = prop::collection::vec(command(), 0..40);
    (0..=STRAIGHT.len(), random).prop_map(|(length, random)| {
        let straight = STRAIGHT.into_iter().take(length);
        straight.chain(random).collect()
    })
}

#[test]
fn any_sequence_of_commands_leaves_what_the_domain_says_and_a_trail_that_verifies() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let bench = runtime.block_on(Bench::new());
    let config = Config {
        cases: 32,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&sequence(), |commands| {
        runtime.block_on(walk(&bench, &commands));
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}")
    }
}

/// What a command leads to.
enum Step {
    Imported(Transition),
    Changed(Transition),
    Started(Started),
    Locked(Locking, UserId, Digest),
    Corrected(Correction),
    Disclosed(Disclosure),
    Nothing,
}

/// A copy on its way, with what its owner knows.
struct Walk<'a> {
    bench: &'a Bench,
    copy: Copy,
    owner: UserId,
    token: Option<Digest>,
    annotation: Option<Annotation>,
    score: Option<Points>,
    /// How many events its trail has.
    events: i64,
}

async fn walk(bench: &Bench, commands: &[Command]) {
    let source = uuid::Uuid::from(bench.ids.next::<CopyId>());
    let (copy, _job) = bench.registered(source.as_bytes()).await;
    let mut walk = Walk {
        bench,
        copy,
        owner: bench.teacher,
        token: None,
        annotation: None,
        score: None,
        events: 0,
    };
    for command in commands {
        let asked = bench.asked(walk.owner).await;
        if let Ok(step) = walk.decide(*command, asked) {
            walk.take(step).await;
        }
        walk.check(*command).await;
    }
    let verified = bench.database.verify_chains();
    assert_eq!(verified, Ok(()), "{commands:?}");
}

impl Walk<'_> {
    fn decide(&self, command: Command, asked: Asked) -> Result<Step, Refusal> {
        let copy = self.copy.clone();
        let attempted = Attempted {
            by: Actor::Service(self.bench.ids.next()),
            operation: asked.operation,
            attempt: 1,
        };
        let changed = match command {
            Command::CompleteImport => {
                let completed = copy.complete_import(count(2), attempted)?;
                return Ok(Step::Imported(completed));
            }
            Command::FailImport => copy.fail_import(FailureCode::Timeout, attempted)?,
            Command::RetryImport => return copy.retry_import(asked, &self.bench.ids).map(Step::Started),
            Command::Validate => copy.validate(asked)?,
            Command::Discard => copy.discard(Reason::Duplicate, asked)?,
            Command::Lock { admin, lapsed } => return self.lock(admin, lapsed, asked),
            Command::Lapse => copy.lapse(asked.now, attempted.by, asked.operation)?,
            Command::Release => return Ok(maybe(copy.release(self.token, asked)?)),
            Command::ForceRelease => return Ok(maybe(copy.force_release(Reason::Other, asked)?)),
            Command::Annotate
            | Command::Amend
            | Command::Erase
            | Command::Score { .. }
            | Command::ClearScore
            | Command::Remark { .. }
            | Command::Appreciate { .. } => return self.correct(command, asked),
            Command::Finalize { quarters } => {
                let tally = Tally {
                    total: Points::from_quarters(quarters),
                    max: Points::from_quarters(24),
                };
                let started = copy.finalize(self.token, tally, asked, &self.bench.ids);
                return started.map(Step::Started);
            }
            Command::CompleteFinalize => copy.complete_finalize(Digest::of(b"corrected"), attempted)?,
            Command::FailFinalize { will_retry } => {
                copy.fail_finalize(FailureCode::Unknown, will_retry, attempted)?
            }
            Command::Reopen => copy.reopen(Reason::Appeal, false, asked)?,
            Command::Assign { taken_back } => {
                let corrector = (!taken_back).then_some(self.bench.teacher);
                return Ok(maybe(copy.assign(corrector, asked)?));
            }
            Command::Export => {
                let disclosure = copy.export(Variant::Full, Digest::of(b"corrected"), asked);
                return disclosure.map(Step::Disclosed);
            }
        };
        Ok(Step::Changed(changed))
    }

    fn lock(&self, admin: bool, lapsed: bool, asked: Asked) -> Result<Step, Refusal> {
        let by = if admin {
            self.bench.admin
        } else {
            self.bench.teacher
        };
        let ago = if lapsed {
            TimeDelta::hours(2)
        } else {
            TimeDelta::zero()
        };
        let asked = Asked {
            by,
            now: asked.now - ago,
            ..asked
        };
        let token = LockToken::random().digest();
        let locking = self.copy.clone().lock(token, Ttl::USUAL, asked)?;
        Ok(Step::Locked(locking, by, token))
    }

    fn correct(&self, command: Command, asked: Asked) -> Result<Step, Refusal> {
        let editor = self.copy.editor(self.token, asked)?;
        let scheme = scheme();
        let said = |cleared| if cleared { None } else { prose("Bien") };
        let change = match (command, &self.annotation) {
            (Command::Annotate, None) => {
                Some(editor.annotate(self.bench.ids.next(), comment("Bien"), None)?)
            }
            (Command::Amend, Some(before)) => {
                let content = comment(&format!("Bien, {} fois", before.version));
                editor.amend(before, before.version, content, None)?
            }
            (Command::Erase, Some(before)) => Some(editor.erase(before.clone(), before.version)?),
            (Command::Score { quarters }, _) => {
                let points = (self.score, Some(Points::from_quarters(quarters)));
                editor.score(Some(&scheme), question("1.a"), points)?
            }
            (Command::ClearScore, _) => editor.score(Some(&scheme), question("1.a"), (self.score, None))?,
            (Command::Remark { cleared }, _) => {
                let words = (said(!cleared), said(cleared));
                editor.remark(Some(&scheme), question("2"), (words.0.as_ref(), words.1))?
            }
            (Command::Appreciate { cleared }, _) => {
                editor.appreciate((said(!cleared).as_ref(), said(cleared)))
            }
            _ => None,
        };
        Ok(change.map_or(Step::Nothing, Step::Corrected))
    }

    /// Stores what a command leads to.
    async fn take(&mut self, step: Step) {
        let bench = self.bench;
        match step {
            Step::Imported(transition) => self.copy = bench.paged(transition).await,
            Step::Changed(transition) => self.copy = bench.recorded(transition).await,
            Step::Started(started) => self.copy = bench.started(started).await,
            Step::Locked(locking, owner, token) => {
                (self.owner, self.token) = (owner, Some(token));
                let (id, lock) = match locking {
                    Locking::Taken(transition) => {
                        self.copy = bench.recorded(*transition).await;
                        self.events += 1;
                        return;
                    }
                    Locking::Renewed(lock) => (self.copy.id, lock),
                };
                let renewed = bench.tx(move |tx| tx.locks().renew(id, &lock)).await;
                assert_eq!(renewed, Ok(()));
                if let State::Locked { lock: held, .. } = &mut self.copy.state {
                    *held = lock;
                }
                return;
            }
            Step::Corrected(correction) => {
                match correction.change() {
                    Change::Annotated(annotation) | Change::Amended(annotation) => {
                        self.annotation = Some(annotation.clone());
                    }
                    Change::Erased(_) => self.annotation = None,
                    Change::Scored(_, points) => self.score = *points,
                    Change::Remarked(..) | Change::Appreciated(_) => {}
                }
                let corrected = bench.tx(move |tx| tx.correct(&correction)).await;
                assert!(corrected.is_ok());
            }
            Step::Disclosed(disclosure) => {
                let disclosed = bench.tx(move |tx| tx.disclose(&disclosure)).await;
                assert!(disclosed.is_ok());
            }
            Step::Nothing => return,
        }
        self.events += 1;
    }

    /// Compares with the tables: by the store's own reading, and column by column.
    async fn check(&self, command: Command) {
        let id = self.copy.id;
        let read = self.bench.tx(move |tx| {
            let annotations = tx.annotations().of(id)?;
            Ok((tx.copies().for_update(id)?, annotations, tx.marks().of(id)?))
        });
        let (copy, annotations, marks) = read.await.expect("the copy is read");
        assert_eq!(copy.as_ref(), Some(&self.copy), "{command:?}");
        let annotation = annotations.into_iter().next().map(|view| view.annotation);
        assert!(annotation == self.annotation, "{command:?}");
        assert_eq!(
            marks.total(Points::LIMIT),
            self.score.unwrap_or(Points::ZERO),
            "{command:?}"
        );

        let row = columns(&self.copy);
        let same = format!("SELECT count(*) FROM grading.copies WHERE id = '{id}' AND {row}");
        assert_eq!(self.bench.database.count(&same), 1, "{command:?}: {row}");
        let locks = format!("SELECT count(*) FROM grading.locks WHERE copy_id = '{id}'");
        let locked = i64::from(self.copy.state.lock().is_some());
        assert_eq!(self.bench.database.count(&locks), locked, "{command:?}");
        let events = format!("SELECT count(*) FROM grading.grading_events WHERE copy_id = '{id}'");
        assert_eq!(self.bench.database.count(&events), self.events, "{command:?}");
    }
}

fn maybe(transition: Option<Transition>) -> Step {
    transition.map_or(Step::Nothing, Step::Changed)
}

/// The condition that a row is what the domain says of the state.
fn columns(copy: &Copy) -> String {
    let stored = copy.state.stored();
    let number = |number: Option<i32>| number.map_or("NULL".to_owned(), |number| number.to_string());
    let failure = stored
        .failure
        .map_or("NULL".to_owned(), |code| format!("'{code}'"));
    let grading = |part: fn(Grading) -> i32| number(stored.grading.map(part));
    format!(
        "(status, discarded, version, lock_fence) = ('{}', {}, {}, {})
         AND page_count IS NOT DISTINCT FROM {} AND failure IS NOT DISTINCT FROM {failure}
         AND score_quarters IS NOT DISTINCT FROM {} AND max_quarters IS NOT DISTINCT FROM {}
         AND retries IS NOT DISTINCT FROM {}",
        stored.status,
        stored.discarded,
        copy.version,
        copy.lock_fence,
        number(stored.pages.map(|pages| i32::from(pages.get()))),
        grading(|grading| grading.score.quarters()),
        grading(|grading| grading.max.quarters()),
        grading(|grading| i32::from(grading.retries)),
    )
}
