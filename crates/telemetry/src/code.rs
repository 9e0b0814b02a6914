//! Names out of closed sets that other crates declare.

/// A short fixed name: a code of the error table, a transaction, a task.
///
/// It is made of a `&'static str` or of an enum that converts to one, and only of plain characters. Any
/// other text becomes `not_a_code`, so that not even leaked memory brings a sentence into a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// What stands in the place of text that is no code.
    pub const NOT_A_CODE: Self = Self("not_a_code");

    /// The code of a value.
    #[must_use]
    pub fn of(value: impl Into<&'static str>) -> Self {
        let text = value.into();
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/');
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Self(text)
        } else {
            Self::NOT_A_CODE
        }
    }

    /// The text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_not_a_code() {
        assert_eq!(Code::of("finalize_copy").as_str(), "finalize_copy");
        for text in ["", "Marie Dupont", "a\nb", "élève"] {
            assert_eq!(Code::of(text), Code::NOT_A_CODE, "{text}");
        }
    }
}
