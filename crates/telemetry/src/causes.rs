//! The chain of causes of an error, without its words.
//!
//! Words of an error can quote anything: a row, an address, a name. What an error *is* cannot: the names of
//! types and variants are in the source code. So a chain is logged as `store::Error::Connect: io::TimedOut`.

use std::error::Error;
use std::io;

/// How long the name of a variant may be.
const LONGEST: usize = 48;
/// How many causes are told.
const DEEPEST: usize = 8;

/// What an error and its causes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Causes(String);

impl Causes {
    /// The chain of a typed error.
    #[must_use]
    pub fn of<E: Error + 'static>(error: &E) -> Self {
        let of_type = short_type(std::any::type_name::<E>());
        let first = format!("{of_type}::{}", variant(error));
        Self::chain(first, error.source())
    }

    /// The chain of an error whose type is not known.
    #[must_use]
    pub fn of_any(error: &(dyn Error + 'static)) -> Self {
        Self::chain(variant(error), error.source())
    }

    /// The chain below a step that is named in constant words.
    #[must_use]
    pub fn of_step(step: &'static str, error: &(dyn Error + 'static)) -> Self {
        Self::chain(step.to_owned(), Some(error))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn chain(first: String, source: Option<&(dyn Error + 'static)>) -> Self {
        let rest = std::iter::successors(source, |&error| error.source()).map(variant);
        let names: Vec<String> = std::iter::once(first).chain(rest).take(DEEPEST).collect();
        Self(names.join(": "))
    }
}

/// The kind of an I/O error, or the name with which a derived `Debug` begins. Text in quotes is neither.
fn variant(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return format!("io::{:?}", error.kind());
    }
    let debug = format!("{error:?}");
    let of_a_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let after = debug.trim_start_matches(of_a_name);
    let name = debug.strip_suffix(after).unwrap_or_default();
    // What goes on in words is a sentence, whatever it begins with.
    let is_derived = after.is_empty() || after.starts_with('(') || after.starts_with(" {");
    if is_derived && name.len() <= LONGEST && name.starts_with(|first: char| first.is_ascii_uppercase()) {
        name.to_owned()
    } else {
        "opaque".to_owned()
    }
}

/// `store::error::Error` is `store::Error`; what is in angle brackets is left out.
fn short_type(name: &str) -> String {
    let name = name.split('<').next().unwrap_or(name);
    match (name.split("::").next(), name.rsplit("::").next()) {
        (Some(first), Some(last)) if first != last => format!("{first}::{last}"),
        (_, _) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("cannot greet {0}")]
        Greet(String, #[source] io::Error),
        #[error("said so")]
        Said(#[source] Box<dyn Error + Send + Sync>),
    }

    /// Its `Debug` is a sentence.
    #[derive(thiserror::Error)]
    #[error("Dupont has no name")]
    struct Talkative;

    impl std::fmt::Debug for Talkative {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{self}")
        }
    }

    #[test]
    fn a_chain_names_variants_and_quotes_nothing() {
        let error = Outer::Greet("Marie Dupont".to_owned(), io::Error::other("Marie Dupont"));
        assert_eq!(Causes::of(&error).as_str(), "telemetry::Outer::Greet: io::Other");
        let error = Outer::Said(Box::new(Talkative));
        assert_eq!(Causes::of(&error).as_str(), "telemetry::Outer::Said: opaque");
        let error = Outer::Said("Marie Dupont".into());
        assert_eq!(Causes::of(&error).as_str(), "telemetry::Outer::Said: opaque");
    }
}
