//! What people write in sentences: texts of annotations, remarks, appreciations.

/// Text in lines. It has no `Debug`, `Display` or `Serialize`: what a teacher writes about a pupil cannot end in a
/// log by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Prose(Box<str>);

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotProse {
    /// It has more than [`Prose::MAX_CHARS`] characters.
    #[error("too long")]
    TooLong,
    /// It has control characters other than line ends and tabulators.
    #[error("control characters")]
    Control,
}

impl Prose {
    /// The longest text, in characters.
    pub const MAX_CHARS: usize = 4000;

    /// The text without the space around it and with plain line ends; `None` if nothing is left.
    pub fn new(text: &str) -> Result<Option<Self>, NotProse> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        if text.chars().count() > Self::MAX_CHARS {
            return Err(NotProse::TooLong);
        }
        if text
            .chars()
            .any(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'))
        {
            return Err(NotProse::Control);
        }
        Ok((!text.is_empty()).then(|| Self(text.into())))
    }

    /// The text itself, for storing it or showing it to somebody who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed(text: &str) -> Result<Option<String>, NotProse> {
        Prose::new(text).map(|prose| prose.map(|prose| prose.expose().to_owned()))
    }

    #[test]
    fn lines_stay_and_space_around_goes() {
        assert_eq!(
            exposed(" Bien.\r\n\tÀ revoir\n"),
            Ok(Some("Bien.\n\tÀ revoir".to_owned()))
        );
        assert_eq!(exposed(" \n "), Ok(None));
    }

    #[test]
    fn length_counts_characters_and_control_characters_are_refused() {
        assert!(Prose::new(&"é".repeat(Prose::MAX_CHARS)).is_ok());
        assert_eq!(exposed(&"é".repeat(Prose::MAX_CHARS + 1)), Err(NotProse::TooLong));
        assert_eq!(exposed("a\u{0}b"), Err(NotProse::Control));
        assert_eq!(exposed("a\u{1b}[31mb"), Err(NotProse::Control));
    }
}
