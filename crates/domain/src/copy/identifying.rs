//! Saying whose copy it is. That is known apart from the copy, whose own state stays, and goes with an event that names
//! the pupil by an id which says nothing.

use crate::audit::{Event, Exported, IdentityMethod, Metadata};
use crate::copy::{Asked, Copy, Disclosure, Refusal, State};
use crate::digest::Digest;
use crate::ids::{Ids, StudentId, UserId};
use crate::job::{Job, Task};

/// What is known about whose copy it is, and whether pupils see results by it.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The pupil, and how that was found out.
    pub known: Option<(StudentId, IdentityMethod)>,
    /// Whether the results of the exam are released.
    pub released: bool,
}

/// That it is said whose copy it is, or taken back, with the event it leaves. Only this crate makes one.
#[derive(Debug)]
#[must_use = "an identification that is not recorded did not happen"]
pub struct Identification {
    copy: Copy,
    pupil: Option<(StudentId, IdentityMethod)>,
    event: Event,
}

impl Identification {
    /// The copy.
    #[must_use]
    pub fn copy(&self) -> &Copy {
        &self.copy
    }

    /// Whose it is from now on; nobody's, if that was taken back.
    #[must_use]
    pub fn pupil(&self) -> Option<(StudentId, IdentityMethod)> {
        self.pupil
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
}

impl Copy {
    /// Says whose copy it is; `None` if that is what is known. Who was wrong takes it back first.
    pub fn identify(
        &self,
        standing: Standing,
        student: StudentId,
        method: IdentityMethod,
        asked: Asked,
    ) -> Result<Option<Identification>, Refusal> {
        self.can_be_identified(standing)?;
        match standing.known {
            Some((known, _)) if known == student => Ok(None),
            Some(_somebody_else) => Err(Refusal::WrongState(self.state.status())),
            None => Ok(Some(self.identification((student, method), false, asked))),
        }
    }

    /// Takes back whose copy it is; `None` if nobody had said it.
    pub fn take_identity_back(
        &self,
        standing: Standing,
        asked: Asked,
    ) -> Result<Option<Identification>, Refusal> {
        self.can_be_identified(standing)?;
        let known = standing.known;
        Ok(known.map(|pupil| self.lose_pupil(pupil, asked)))
    }

    /// What is put aside is nobody's.
    pub fn lose_pupil(&self, pupil: (StudentId, IdentityMethod), asked: Asked) -> Identification {
        self.identification(pupil, true, asked)
    }

    /// Somebody is shown the part of the first page that says who wrote the copy, in the image with these bytes.
    pub fn show_identity(&self, image: Digest, asked: Asked) -> Result<Disclosure, Refusal> {
        self.has_pages_to_show()?;
        Ok(Disclosure::of(Event {
            subject: self.id.into(),
            actor: asked.actor(),
            operation: asked.operation,
            metadata: Metadata::Export {
                variant: Exported::Identity,
                sha256: image.to_string(),
            },
        }))
    }

    /// Has a machine read who wrote it.
    pub fn read_identity(&self, standing: Standing, by: UserId, ids: &Ids) -> Result<Job, Refusal> {
        self.awaits_pupil(standing)?;
        Ok(Job::queued(Task::Read(self.id), by, ids))
    }

    /// Whether suggestions of whose copy it is are of use to anybody.
    pub fn awaits_pupil(&self, standing: Standing) -> Result<(), Refusal> {
        self.can_be_identified(standing)?;
        match standing.known {
            Some(_) => Err(Refusal::WrongState(self.state.status())),
            None => Ok(()),
        }
    }

    /// What pupils can see is withdrawn before it changes hands.
    fn can_be_identified(&self, standing: Standing) -> Result<(), Refusal> {
        if standing.released {
            return Err(Refusal::WrongState(self.state.status()));
        }
        self.has_pages_to_show()
    }

    fn has_pages_to_show(&self) -> Result<(), Refusal> {
        match &self.state {
            State::Discarded(_) => Err(Refusal::WrongState(self.state.status())),
            State::Staging(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => match self.state.pages() {
                Some(_pages) => Ok(()),
                None => Err(Refusal::NoPages),
            },
        }
    }

    fn identification(
        &self,
        (student, method): (StudentId, IdentityMethod),
        undone: bool,
        asked: Asked,
    ) -> Identification {
        Identification {
            copy: self.clone(),
            pupil: (!undone).then_some((student, method)),
            event: Event {
                subject: self.id.into(),
                actor: asked.actor(),
                operation: asked.operation,
                metadata: Metadata::Identify {
                    student_id: student,
                    method,
                    undone,
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::copy::samples::{in_time, sample};

    const GRADED: &str = "graded";

    fn pupil(number: u128) -> StudentId {
        Uuid::from_u128(number).into()
    }

    fn standing(known: Option<u128>) -> Standing {
        Standing {
            known: known.map(|number| (pupil(number), IdentityMethod::Manual)),
            released: false,
        }
    }

    #[test]
    fn a_copy_becomes_one_pupils_and_another_pupils_only_after_that_was_taken_back() {
        let copy = sample(GRADED);
        let identify = |known| copy.identify(standing(known), pupil(1), IdentityMethod::Manual, in_time());
        let first = identify(None).unwrap().unwrap();
        assert_eq!(first.pupil(), Some((pupil(1), IdentityMethod::Manual)));
        assert!(identify(Some(1)).unwrap().is_none());
        assert!(matches!(identify(Some(2)), Err(Refusal::WrongState(_))));

        let back = copy
            .take_identity_back(standing(Some(1)), in_time())
            .unwrap()
            .unwrap();
        let undone = Metadata::Identify {
            student_id: pupil(1),
            method: IdentityMethod::Manual,
            undone: true,
        };
        assert_eq!((back.pupil(), &back.event().metadata), (None, &undone));
        assert!(
            copy.take_identity_back(standing(None), in_time())
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn who_wrote_a_copy_is_read_while_nobody_knows_it_and_it_has_pages() {
        let (ids, by) = (Ids::sequence(), Ids::sequence().next());
        let read = |name, known| sample(name).read_identity(standing(known), by, &ids);
        let job = read(GRADED, None).unwrap();
        assert_eq!((job.task.copy(), job.owner), (Some(sample(GRADED).id), by));
        assert!(matches!(read(GRADED, Some(1)), Err(Refusal::WrongState(_))));
        assert!(matches!(read("importing", None), Err(Refusal::NoPages)));
    }

    #[test]
    fn what_pupils_can_see_does_not_change_hands() {
        let copy = sample(GRADED);
        let released = Standing {
            released: true,
            ..standing(Some(1))
        };
        assert!(matches!(
            copy.take_identity_back(released, in_time()),
            Err(Refusal::WrongState(_))
        ));
    }
}
