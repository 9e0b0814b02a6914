//! Two copies of one pupil become one. The pages of the other come behind those of the copy that is kept; the other is
//! put aside without them. What nobody has checked does not come into a checked copy, and what somebody has begun to
//! correct stays what it is.

use crate::audit::{MergePart, Metadata};
use crate::copy::{Asked, Copy, Identification, Import, Refusal, Standing, State, Transition};
use crate::digest::FileSize;
use crate::ids::CopyId;
use crate::page::PageCount;
use crate::status::Status;

/// A copy whose pages may come together with those of another, or into another order.
#[derive(Debug, Clone)]
pub struct Part {
    /// The copy.
    pub copy: Copy,
    /// Whether somebody has written on it or scored it, or it was ever finalized.
    pub touched: bool,
}

/// What one copy may have.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// How many pages.
    pub pages: PageCount,
    /// How large its booklets may be together.
    pub bytes: FileSize,
}

/// That two copies became one, with the events that it leaves. Only this crate makes one.
#[derive(Debug)]
#[must_use = "a merge that is not recorded did not happen"]
pub struct Merge {
    identifications: Vec<Identification>,
    emptied: Transition,
    kept: Transition,
    own: (u16, PageCount),
    moved: (u16, PageCount),
}

impl Merge {
    /// Whose it is comes along: it is taken back from the one, then said of the other.
    pub fn identifications(&self) -> &[Identification] {
        &self.identifications
    }

    /// The copy without pages, put aside.
    pub fn emptied(&self) -> &Transition {
        &self.emptied
    }

    /// The copy with the pages of both.
    pub fn kept(&self) -> &Transition {
        &self.kept
    }

    /// How many booklets and pages the copy that is kept has of its own. The others come behind them.
    #[must_use]
    pub fn own(&self) -> (u16, PageCount) {
        self.own
    }

    /// How many booklets moved, and how many pages those have.
    #[must_use]
    pub fn moved(&self) -> (u16, PageCount) {
        self.moved
    }
}

impl Part {
    /// The pages of another copy of the same exam come behind those of this one, and so does the name of its pupil,
    /// with what is known of whose they are. Two pupils are never one.
    pub fn merge(
        self,
        other: Self,
        (own, others): (Standing, Standing),
        room: Room,
        asked: Asked,
    ) -> Result<Merge, Refusal> {
        let (own_pages, moved) = (self.untouched()?, other.untouched()?);
        let state = self.together(&other, room)?;
        let identifications = match (own.known, others.known) {
            (_, None) => Vec::new(),
            (None, Some((student, method))) => {
                let back = other.copy.take_identity_back(others, asked)?;
                let said = self.copy.identify(own, student, method, asked)?;
                back.into_iter().chain(said).collect()
            }
            (Some(_), Some(_)) => return Err(Refusal::WrongState(self.copy.state.status())),
        };
        let count = |copy: &Copy| u16::try_from(copy.booklets.len()).unwrap_or(u16::MAX);
        let own = (count(&self.copy), own_pages);
        let moving = Moving {
            booklets: count(&other.copy),
            pages: moved,
            asked,
        };
        let (kept_id, other_id) = (self.copy.id, other.copy.id);
        let booklets = [self.copy.booklets.as_slice(), &other.copy.booklets].concat();
        let kept = Copy {
            booklets,
            ..self.copy
        };
        let emptied = Copy {
            booklets: Vec::new(),
            ..other.copy
        };
        let aside = State::Discarded(Import::Done { pages: moved });
        Ok(Merge {
            identifications,
            emptied: moving.leaves(emptied, aside, (kept_id, MergePart::Emptied)),
            kept: moving.leaves(kept, state, (other_id, MergePart::Kept)),
            own,
            moved: (moving.booklets, moved),
        })
    }

    /// Where the copy stands once it has the pages of both.
    fn together(&self, other: &Self, room: Room) -> Result<State, Refusal> {
        let (own, others) = (self.untouched()?, other.untouched()?);
        let wrong_state = Refusal::WrongState(other.copy.state.status());
        if self.copy.id == other.copy.id || self.copy.exam != other.copy.exam {
            return Err(wrong_state);
        }
        let pages = PageCount::new(usize::from(own.get()) + usize::from(others.get()));
        let pages = pages
            .filter(|pages| *pages <= room.pages)
            .ok_or(Refusal::TooLarge)?;
        let booklets = self.copy.booklets.iter().chain(&other.copy.booklets);
        let bytes = booklets.fold(0, |bytes: u64, booklet| {
            bytes.saturating_add(booklet.size.bytes())
        });
        if bytes > room.bytes.bytes() {
            return Err(Refusal::TooLarge);
        }
        let is_checked = |part: &Self| part.copy.state.status() == Status::Ready;
        match (is_checked(self), is_checked(other)) {
            (false, _) => Ok(State::Staging(Import::Done { pages })),
            (true, true) => Ok(State::Ready { pages }),
            (true, false) => Err(wrong_state),
        }
    }

    /// How many pages it has, if they may still move.
    pub(super) fn untouched(&self) -> Result<PageCount, Refusal> {
        match self.copy.state {
            State::Staging(Import::Done { pages }) | State::Ready { pages } if !self.touched => Ok(pages),
            State::Staging(Import::Pending | Import::Failed { .. }) => Err(Refusal::NoPages),
            State::Staging(Import::Done { .. })
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.copy.state.status())),
        }
    }
}

/// What both copies tell of.
struct Moving {
    booklets: u16,
    pages: PageCount,
    asked: Asked,
}

impl Moving {
    fn leaves(&self, copy: Copy, state: State, (other_id, part): (CopyId, MergePart)) -> Transition {
        let metadata = Metadata::Merge {
            other_id,
            part,
            booklets: self.booklets,
            pages: self.pages.get(),
        };
        copy.to(state, self.asked.actor(), self.asked.operation, metadata)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::audit::{Action, IdentityMethod};
    use crate::copy::samples::{allowed, copy, in_time, pages, refused, sample, states};
    use crate::ids::StudentId;

    const NOBODY: Standing = Standing {
        known: None,
        released: false,
    };

    fn room() -> Room {
        Room {
            pages: PageCount::new(10).unwrap(),
            bytes: FileSize::new(100).unwrap(),
        }
    }

    fn part(copy: Copy) -> Part {
        Part { copy, touched: false }
    }

    /// Another copy of the same exam.
    fn other(name: &str) -> Part {
        let mut other = sample(name);
        other.id = Uuid::from_u128(900).into();
        other.booklets[0].id = Uuid::from_u128(901).into();
        part(other)
    }

    fn of(pupil: u128) -> Standing {
        let pupil: StudentId = Uuid::from_u128(pupil).into();
        Standing {
            known: Some((pupil, IdentityMethod::Manual)),
            ..NOBODY
        }
    }

    fn merge(kept: Part, other: Part, standings: (Standing, Standing)) -> Result<Merge, Refusal> {
        kept.merge(other, standings, room(), in_time())
    }

    #[test]
    fn the_pages_of_both_are_in_the_one_and_the_other_is_put_aside() {
        let merge = merge(part(sample("ready")), other("ready"), (NOBODY, NOBODY)).unwrap();
        let (kept, emptied) = (merge.kept().copy(), merge.emptied().copy());
        let six = PageCount::new(6).unwrap();
        assert_eq!(kept.state, State::Ready { pages: six });
        assert_eq!((kept.booklets.len(), kept.version), (2, 1));
        assert_eq!(kept.booklets[1].id, Uuid::from_u128(901).into());
        let aside = State::Discarded(Import::Done { pages: pages() });
        assert_eq!(
            (emptied.state, emptied.booklets.len(), emptied.version),
            (aside, 0, 1)
        );
        assert_eq!(merge.moved(), (1, pages()));
        assert!(merge.identifications().is_empty());
        let said = serde_json::to_value(&merge.kept().event().metadata).unwrap();
        let expected = serde_json::json!({"other_id": emptied.id, "part": "kept", "booklets": 1, "pages": 3});
        assert_eq!(said, expected);
        let said = serde_json::to_value(&merge.emptied().event().metadata).unwrap();
        let expected = serde_json::json!({"other_id": kept.id, "part": "emptied", "booklets": 1, "pages": 3});
        assert_eq!(said, expected);
    }

    #[test]
    fn only_what_nobody_has_begun_is_merged_and_the_unchecked_not_into_the_checked() {
        let kept = |copy: Copy| merge(part(copy), other("ready"), (NOBODY, NOBODY));
        assert_eq!(allowed(kept), ["imported", "ready"]);
        let no_pages = [
            ("importing", Refusal::NoPages),
            ("import failed", Refusal::NoPages),
        ];
        assert_eq!(refused(kept), no_pages);
        for (name, state) in states() {
            let mut emptied = other("ready");
            emptied.copy.state = state;
            let may = |kept| merge(part(sample(kept)), emptied.clone(), (NOBODY, NOBODY)).is_ok();
            assert_eq!(may("imported"), ["imported", "ready"].contains(&name), "{name}");
            assert_eq!(may("ready"), name == "ready", "{name}");
        }
        for touched in [[true, false], [false, true]] {
            let [mut kept, mut emptied] = [part(sample("ready")), other("ready")];
            [kept.touched, emptied.touched] = touched;
            assert!(matches!(
                merge(kept, emptied, (NOBODY, NOBODY)),
                Err(Refusal::WrongState(_))
            ));
        }
    }

    #[test]
    fn the_name_comes_along_and_two_pupils_are_never_one() {
        let both = || (part(sample("ready")), other("ready"));
        let merged = |standings| {
            let (kept, other) = both();
            merge(kept, other, standings)
        };
        assert!(merged((of(1), NOBODY)).unwrap().identifications().is_empty());
        let moved = merged((NOBODY, of(1))).unwrap();
        let steps = moved.identifications().iter();
        let steps: Vec<_> = steps
            .map(|step| (step.copy().id, step.pupil(), step.event().action()))
            .collect();
        let (kept, other) = (moved.kept().copy().id, moved.emptied().copy().id);
        let identify = Action::Identify;
        assert_eq!(steps, [(other, None, identify), (kept, of(1).known, identify)]);
        for pupil in [1, 2] {
            assert!(matches!(merged((of(1), of(pupil))), Err(Refusal::WrongState(_))));
        }
        let released = |standing| Standing {
            released: true,
            ..standing
        };
        let seen = merged((released(NOBODY), released(of(1))));
        assert!(matches!(seen, Err(Refusal::WrongState(_))));
    }

    #[test]
    fn itself_another_exam_and_too_much_are_refused() {
        let itself = merge(part(sample("ready")), part(sample("ready")), (NOBODY, NOBODY));
        assert!(matches!(itself, Err(Refusal::WrongState(_))));
        let mut elsewhere = other("ready");
        elsewhere.copy.exam = Uuid::from_u128(902).into();
        let elsewhere = merge(part(sample("ready")), elsewhere, (NOBODY, NOBODY));
        assert!(matches!(elsewhere, Err(Refusal::WrongState(_))));
        let pages = |pages| State::Ready {
            pages: PageCount::new(pages).unwrap(),
        };
        let with = |state| merge(part(copy(state)), other("ready"), (NOBODY, NOBODY));
        assert!(with(pages(7)).is_ok());
        assert_eq!(with(pages(8)).unwrap_err(), Refusal::TooLarge);
        let mut heavy = other("ready");
        heavy.copy.booklets[0].size = FileSize::new(89).unwrap();
        let heavy = merge(part(sample("ready")), heavy, (NOBODY, NOBODY));
        assert_eq!(heavy.unwrap_err(), Refusal::TooLarge);
    }
}
