//! Pupils: who a school says they are.

use chrono::NaiveDate;

use crate::folding::fold;
use crate::ids::{StudentId, UserId};
use crate::user::DisplayName;

personal_text! {
    /// The family name of a pupil.
    Surname, at most 100 characters;
    /// The given names of a pupil.
    GivenNames, at most 100 characters;
    /// What a class is called.
    ClassName, at most 50 characters;
    /// The number that the school knows a pupil by.
    SchoolNumber, at most 50 characters;
}

/// A pupil as a list of the school has them.
#[derive(Clone, PartialEq, Eq)]
pub struct Particulars {
    /// The family name.
    pub surname: Surname,
    /// The given names.
    pub given_names: GivenNames,
    /// The day of birth, where the list has it.
    pub birth_date: Option<NaiveDate>,
    /// The class, where the list has it.
    pub class: Option<ClassName>,
    /// The number, where the list has it.
    pub number: Option<SchoolNumber>,
}

/// A pupil as they are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Student {
    /// The id, which says nothing.
    pub id: StudentId,
    /// Who they are.
    pub particulars: Particulars,
    /// Their access, once they were invited.
    pub user: Option<UserId>,
}

impl Particulars {
    /// What a search compares: names, class and number, folded.
    #[must_use]
    pub fn search_key(&self) -> String {
        let class = self.class.as_ref().map_or("", ClassName::expose);
        let number = self.number.as_ref().map_or("", SchoolNumber::expose);
        let all = [self.surname.expose(), self.given_names.expose(), class, number];
        fold(&all.join(" "))
    }

    /// What tells whether two lists mean the same pupil, where no number does: the names, folded, and the day of birth.
    #[must_use]
    pub fn match_key(&self) -> String {
        let day = self.birth_date.map(|day| day.to_string()).unwrap_or_default();
        format!("{}|{day}", self.names_key())
    }

    /// The names, folded: the beginning of the match key.
    #[must_use]
    pub fn names_key(&self) -> String {
        let (surname, given_names) = (self.surname.expose(), self.given_names.expose());
        format!("{}|{}", fold(surname), fold(given_names))
    }

    /// How the pupil is shown: `DURAND Zoé`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{} {}", self.surname.expose(), self.given_names.expose())
    }

    /// What their access is called: the beginning of the full name, if that is longer than a name of an access may be.
    #[must_use]
    pub fn display_name(&self) -> Option<DisplayName> {
        let name: String = self.full_name().chars().take(DisplayName::MAX_CHARS).collect();
        DisplayName::new(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pupil(surname: &str, given_names: &str, birth_date: Option<NaiveDate>) -> Particulars {
        Particulars {
            surname: Surname::new(surname).expect("a name"),
            given_names: GivenNames::new(given_names).expect("names"),
            birth_date,
            class: ClassName::new("1re B"),
            number: None,
        }
    }

    #[test]
    fn lists_that_write_a_name_differently_mean_the_same_pupil() {
        let day = NaiveDate::from_ymd_opt(2009, 3, 1);
        let (loud, quiet) = (pupil("LÉCUYER", "Zoé", day), pupil("Lecuyer", "zoe", day));
        assert_eq!(loud.match_key(), quiet.match_key());
        assert_ne!(loud.match_key(), pupil("LÉCUYER", "Zoé", None).match_key());
        assert_ne!(
            pupil("Le Roy", "Ann", day).match_key(),
            pupil("Le", "Roy Ann", day).match_key()
        );
    }

    #[test]
    fn a_search_sees_names_and_class() {
        assert_eq!(pupil("LÉCUYER", "Zoé", None).search_key(), "lecuyer zoe 1re b");
    }
}
