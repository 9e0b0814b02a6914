//! The two languages that callers are answered in.

/// A language of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, also for everybody who asks for something else.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// The language that an `Accept-Language` header asks for first, of those there are.
    #[must_use]
    pub fn of_accept_language(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for choice in header.split(',') {
            let mut parts = choice.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q=")?.parse().ok())
                .unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("fr") => Self::French,
                Some("en" | "*") => Self::English,
                Some(_) | None => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// As a language tag, for `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}

/// A constant sentence in both languages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sentence {
    pub(crate) en: &'static str,
    pub(crate) fr: &'static str,
}

impl Sentence {
    pub(crate) const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::English => self.en,
            Language::French => self.fr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_known_language_wins() {
        for (header, expected) in [
            ("", Language::English),
            ("fr", Language::French),
            ("fr-CA, en;q=0.8", Language::French),
            ("de, fr;q=0.5, en;q=0.4", Language::French),
            ("en;q=0.9, fr;q=0.3", Language::English),
            ("fr;q=0", Language::English),
            ("fr;q=nonsense", Language::French),
        ] {
            assert_eq!(Language::of_accept_language(header), expected, "{header}");
        }
    }
}
