//! Domain values as they cross a process boundary.

use domain::audit::Recorded;
use domain::batch::{Anomaly, Piece};
use domain::exam::ZonePages;
use domain::student::Particulars;
use domain::{Exam, IdentityZone, Page, PageIndex, Rectangle, Student, Timestamp, marks};

use crate::grading as pb;

/// A moment on the wire.
#[must_use]
pub fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.timestamp_subsec_nanos()).unwrap_or_default();
    prost_types::Timestamp {
        seconds: at.timestamp(),
        nanos,
    }
}

impl From<&Exam> for pb::Exam {
    fn from(exam: &Exam) -> Self {
        Self {
            id: exam.id.to_string(),
            name: exam.name.expose().to_owned(),
            date: exam.date.to_string(),
            pages_per_copy: exam.pages_per_copy.map(u32::from),
            layout: exam.layout.to_string(),
            identity_zone: exam.identity_zone.map(Into::into),
            correctors: exam.correctors.iter().map(ToString::to_string).collect(),
            version: exam.version,
            marking_scheme: exam.scheme.as_ref().map(Into::into),
            max: marks::max(exam.scheme.as_ref()).to_string(),
            released_at: exam.released_at.map(timestamp),
            classes: Vec::new(),
        }
    }
}

impl From<&Student> for pb::Student {
    fn from(student: &Student) -> Self {
        let who = &student.particulars;
        Self {
            id: student.id.to_string(),
            surname: who.surname.expose().to_owned(),
            given_names: who.given_names.expose().to_owned(),
            birth_date: who.birth_date.map(|day| day.to_string()).unwrap_or_default(),
            class: class(who),
            number: who
                .number
                .as_ref()
                .map(|number| number.expose().to_owned())
                .unwrap_or_default(),
            user_id: student.user.map(|user| user.to_string()).unwrap_or_default(),
        }
    }
}

impl From<&Student> for pb::Identity {
    fn from(student: &Student) -> Self {
        let who = &student.particulars;
        Self {
            student_id: student.id.to_string(),
            surname: who.surname.expose().to_owned(),
            given_names: who.given_names.expose().to_owned(),
            class: class(who),
        }
    }
}

fn class(who: &Particulars) -> String {
    who.class
        .as_ref()
        .map(|class| class.expose().to_owned())
        .unwrap_or_default()
}

impl From<IdentityZone> for pb::IdentityZone {
    fn from(zone: IdentityZone) -> Self {
        let [x, y, w, h] = zone.area.fractions();
        Self {
            pages: zone.pages.to_string(),
            x,
            y,
            w,
            h,
        }
    }
}

impl TryFrom<&pb::IdentityZone> for IdentityZone {
    type Error = ();

    fn try_from(zone: &pb::IdentityZone) -> Result<Self, ()> {
        let pages: ZonePages = zone.pages.parse().map_err(|_unknown| ())?;
        let area = Rectangle::from_fractions([zone.x, zone.y, zone.w, zone.h]).ok_or(())?;
        Ok(Self { pages, area })
    }
}

impl From<&Page> for pb::Page {
    fn from(page: &Page) -> Self {
        let points = |thousandths: u32| f64::from(thousandths) / 1000.0;
        Self {
            index: page.index.get().into(),
            width: points(page.size.width),
            height: points(page.size.height),
        }
    }
}

impl From<Piece> for pb::Piece {
    fn from(piece: Piece) -> Self {
        Self {
            page: piece.page.get().into(),
            part: piece.part.to_string(),
        }
    }
}

impl TryFrom<&pb::Piece> for Piece {
    type Error = ();

    fn try_from(piece: &pb::Piece) -> Result<Self, ()> {
        Ok(Self {
            page: PageIndex::new(piece.page).ok_or(())?,
            part: piece.part.parse().map_err(|_unknown| ())?,
        })
    }
}

impl From<Anomaly> for pb::Anomaly {
    fn from(anomaly: Anomaly) -> Self {
        Self {
            kind: anomaly.kind.to_string(),
            page: anomaly.page.get().into(),
        }
    }
}

impl TryFrom<&pb::Anomaly> for Anomaly {
    type Error = ();

    fn try_from(anomaly: &pb::Anomaly) -> Result<Self, ()> {
        Ok(Self {
            kind: anomaly.kind.parse().map_err(|_unknown| ())?,
            page: PageIndex::new(anomaly.page).ok_or(())?,
        })
    }
}

impl From<Recorded> for pb::Event {
    fn from(event: Recorded) -> Self {
        Self {
            id: event.id.to_string(),
            seq: event.seq,
            action: event.action,
            actor_type: event.actor_kind,
            actor_id: event.actor_id.to_string(),
            operation_id: event.operation.to_string(),
            at: Some(timestamp(event.at)),
            metadata: event.metadata,
            prev: event.prev.to_string(),
            hash: event.hash.to_string(),
        }
    }
}
