//! What is in an archive, and in which order.

use super::name;
use crate::copy::AnonymousId;
use crate::digest::{Digest, FileSize};
use crate::folding::fold;
use crate::ids::CopyId;
use crate::student::{ClassName, Particulars};

/// A copy of a release with what an archive has of it.
#[derive(Clone)]
pub struct ArchivedCopy {
    /// The copy.
    pub copy: CopyId,
    /// What correctors call it.
    pub anonymous_id: AnonymousId,
    /// Whose it is, if that is known.
    pub pupil: Option<Particulars>,
    /// The corrected document that was released.
    pub digest: Digest,
    /// Its size.
    pub size: FileSize,
}

/// A document with its name in an archive. The name says who wrote it: it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// Class and file, as in `1re B/DURAND Zoé-7K3M-Q9TD.pdf`.
    pub name: String,
    /// The document.
    pub digest: Digest,
    /// Its size.
    pub size: FileSize,
}

/// The documents by class and name; those that nobody is known to have written come last. No two have the same name:
/// each has that of its copy in it.
#[must_use]
pub fn members(mut copies: Vec<ArchivedCopy>) -> Vec<Member> {
    copies.sort_by_cached_key(|archived| {
        let names = archived.pupil.as_ref().map(|pupil| {
            let class = pupil.class.as_ref().map_or("", ClassName::expose);
            [class, pupil.surname.expose(), pupil.given_names.expose()].map(fold)
        });
        (names.is_none(), names, archived.copy)
    });
    let member = |archived: ArchivedCopy| Member {
        name: name::of(archived.pupil.as_ref(), &archived.anonymous_id),
        digest: archived.digest,
        size: archived.size,
    };
    copies.into_iter().map(member).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::student::{GivenNames, Surname};

    fn archived(copy: u128, pupil: Option<(&str, &str, &str)>) -> ArchivedCopy {
        ArchivedCopy {
            copy: Uuid::from_u128(copy).into(),
            anonymous_id: AnonymousId::restore(&format!("AAAA-222{copy}")),
            pupil: pupil.map(|(class, surname, given_names)| Particulars {
                surname: Surname::new(surname).unwrap(),
                given_names: GivenNames::new(given_names).unwrap(),
                birth_date: None,
                class: ClassName::new(class),
                number: None,
            }),
            digest: Digest::of(&copy.to_be_bytes()),
            size: FileSize::new(10).unwrap(),
        }
    }

    #[test]
    fn documents_come_by_class_and_name_and_those_of_nobody_last() {
        let copies = vec![
            archived(2, None),
            archived(3, Some(("2de", "Zola", "Ann"))),
            archived(4, Some(("1re", "Éluard", "Bo"))),
            archived(5, Some(("1re", "EGGER", "Cy"))),
            archived(6, Some(("", "Adam", "Eve"))),
            archived(7, Some(("1re", "EGGER", "Cy"))),
        ];
        let names: Vec<_> = members(copies).into_iter().map(|member| member.name).collect();
        assert_eq!(
            names,
            [
                "-/Adam Eve-AAAA-2226.pdf",
                "1re/EGGER Cy-AAAA-2225.pdf",
                "1re/EGGER Cy-AAAA-2227.pdf",
                "1re/Éluard Bo-AAAA-2224.pdf",
                "2de/Zola Ann-AAAA-2223.pdf",
                "-/AAAA-2222.pdf",
            ]
        );
    }
}
