//! Which passwords may be chosen: long ones that are not among the first that somebody would try.
//!
//! There is deliberately no rule about digits, capitals or signs: they make passwords hard to remember and
//! no harder to guess.

use crate::password::composed;
use crate::secret::Secret;
use crate::user::{DisplayName, Login};

closed_names! {
    /// Why a password may not be chosen.
    Weakness {
        /// Fewer than [`NewPassword::MIN_CHARS`] characters.
        TooShort = "too_short",
        /// More than [`NewPassword::MAX_CHARS`] characters.
        TooLong = "too_long",
        /// One character, again and again.
        OneCharacter = "one_character",
        /// The person's own login or name.
        TooPersonal = "too_personal",
        /// One of those that everybody tries first.
        TooCommon = "too_common",
    }
}

/// A password that may be chosen.
#[derive(Debug, Clone)]
pub struct NewPassword(Secret);

impl NewPassword {
    /// The shortest password, in characters.
    pub const MIN_CHARS: usize = 12;
    /// The longest password, in characters.
    pub const MAX_CHARS: usize = 256;

    /// The password, if the person with this login and name may choose it.
    pub fn chosen(text: &str, login: &Login, name: &DisplayName) -> Result<Self, Weakness> {
        let password = composed(text);
        match weakness(password.expose(), login, name) {
            Some(weakness) => Err(weakness),
            None => Ok(Self(password)),
        }
    }

    /// The password itself, to hash it.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

fn weakness(text: &str, login: &Login, name: &DisplayName) -> Option<Weakness> {
    let length = text.chars().count();
    if length < NewPassword::MIN_CHARS {
        return Some(Weakness::TooShort);
    }
    if length > NewPassword::MAX_CHARS {
        return Some(Weakness::TooLong);
    }
    let mut letters = text.chars();
    let first = letters.next();
    if letters.all(|letter| Some(letter) == first) {
        return Some(Weakness::OneCharacter);
    }
    let core = core(text);
    let (account, _host) = login.expose().split_once('@').unwrap_or((login.expose(), ""));
    let own = [login.expose(), account, name.expose()];
    if own.into_iter().any(|own| consists_of(&core, &self::core(own))) {
        return Some(Weakness::TooPersonal);
    }
    let whole = text.to_lowercase();
    let common = COMMON
        .lines()
        .any(|word| whole == word || consists_of(&core, word));
    common.then_some(Weakness::TooCommon)
}

/// What everybody tries first, in French and English schools: whole passwords made of digits, and the words
/// behind the others.
const COMMON: &str = include_str!("common.txt");

/// The word behind a password: `Motdepasse-2026!` is `motdepasse`.
fn core(text: &str) -> String {
    let lower = text.to_lowercase();
    let kept: String = lower.chars().filter(|letter| letter.is_alphanumeric()).collect();
    kept.trim_matches(char::is_numeric).to_owned()
}

/// Whether `text` is `word`, once or again and again.
fn consists_of(text: &str, word: &str) -> bool {
    !text.is_empty() && !word.is_empty() && text.replace(word, "").is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(text: &str) -> Result<(), Weakness> {
        let login = Login::new("camille.exemple@school.example").unwrap();
        let name = DisplayName::new("Zoé Exemple").unwrap();
        NewPassword::chosen(text, &login, &name).map(|_chosen| ())
    }

    #[test]
    fn each_weakness_has_its_name() {
        for (password, expected) in [
            ("tournesol", Err(Weakness::TooShort)),
            ("éléphant-7!", Err(Weakness::TooShort)),
            ("e\u{301}le\u{301}phant-7!", Err(Weakness::TooShort)),
            ("éléphant-78!", Ok(())),
            ("aaaaaaaaaaaa", Err(Weakness::OneCharacter)),
            ("camille.exemple@school.example", Err(Weakness::TooPersonal)),
            ("Camille.Exemple", Err(Weakness::TooPersonal)),
            ("camilleexemple2026", Err(Weakness::TooPersonal)),
            ("ZOÉ exemple !", Err(Weakness::TooPersonal)),
            ("motdepasse123", Err(Weakness::TooCommon)),
            ("MotDePasse-2026!", Err(Weakness::TooCommon)),
            ("passwordpassword", Err(Weakness::TooCommon)),
            ("123456789012", Err(Weakness::TooCommon)),
            ("azertyuiop12", Err(Weakness::TooCommon)),
            ("correct horse battery staple", Ok(())),
            ("mot de passe oublié au lavoir", Ok(())),
        ] {
            assert_eq!(judged(password), expected, "{password}");
        }
    }

    #[test]
    fn the_list_holds_words_as_they_are_compared() {
        for word in COMMON.lines() {
            assert_eq!(word, word.to_lowercase());
            let whole = word.chars().count() >= NewPassword::MIN_CHARS;
            assert!(whole || core(word) == word, "{word}");
        }
    }

    proptest! {
        #[test]
        fn no_password_that_may_be_chosen_is_outside_the_bounds(text in ".{0,300}") {
            let length = composed(&text).expose().chars().count();
            let within = (NewPassword::MIN_CHARS..=NewPassword::MAX_CHARS).contains(&length);
            prop_assert!(within || judged(&text).is_err());
        }

        #[test]
        fn long_passwords_of_many_random_letters_may_be_chosen(text in "[b-df-hj-np-tv-xz]{8}-[b-df-hj-np-tv-xz]{8}") {
            let distinct: std::collections::BTreeSet<_> = text.chars().collect();
            prop_assume!(distinct.len() > 5);
            prop_assert_eq!(judged(&text), Ok(()));
        }
    }
}
