//! What a machine read where pupils write who they are. It names somebody: it has no `Debug`, and it is kept for as long
//! as suggestions are made of it.

/// What was read, as one line.
#[derive(Clone, PartialEq, Eq)]
pub struct Reading(Box<str>);

impl Reading {
    /// The longest one, in bytes. Nobody's name comes near it.
    pub const MAX_BYTES: usize = 4096;

    /// What is left of `text` without control characters and needless spaces; cut off where it is too long.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words = text.split(|letter: char| letter.is_control() || letter.is_whitespace());
        let mut line = String::new();
        for word in words.filter(|word| !word.is_empty()) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        line.truncate(line.floor_char_boundary(Self::MAX_BYTES));
        Self(line.trim_end().into())
    }

    /// The text itself, for storing it and for comparing it with names.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_one_line_of_words() {
        assert_eq!(
            Reading::of("\u{c}Nom :\tNOISETIER\r\n\nPrénom\0Éloïse \n").expose(),
            "Nom : NOISETIER Prénom Éloïse"
        );
        assert_eq!(Reading::of("\n \u{c}").expose(), "");
    }

    #[test]
    fn a_reading_that_is_too_long_ends_with_a_whole_letter() {
        let long = Reading::of(&format!("a{}", "é".repeat(Reading::MAX_BYTES)));
        assert_eq!(long.expose().len(), Reading::MAX_BYTES - 1);
        assert!(long.expose().ends_with('é'));
        let spaced = Reading::of(&format!("{} b", "a".repeat(Reading::MAX_BYTES - 1)));
        assert_eq!(spaced.expose().len(), Reading::MAX_BYTES - 1);
    }
}
