//! Text about people. It has no `Debug`, `Display` or `Serialize`: it cannot end in a log by accident.

/// Declares a newtype for personal text with a length limit. The text comes out only by `expose`.
macro_rules! personal_text {
    ($($(#[$doc:meta])* $name:ident, at most $max:literal characters;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Box<str>);

        impl $name {
            /// The longest text, in characters.
            pub const MAX_CHARS: usize = $max;

            /// Trims `text`; `None` if nothing is left, if it is too long or if it has control characters.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                let text = text.trim();
                let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS;
                (fits && !text.chars().any(char::is_control)).then(|| Self(text.into()))
            }

            /// The text itself, for storing it or showing it to somebody who may see it.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }
    )*};
}
