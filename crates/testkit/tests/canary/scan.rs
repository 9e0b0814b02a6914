//! Looks for every canary in every encoding at once.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use crate::kinds::encodings;

/// What a canary stands for, and its word.
pub(crate) type Canary = (&'static str, String);

/// What was found: which kind, written how.
pub(crate) type Hit = (&'static str, &'static str);

pub(crate) struct Scanner {
    automaton: AhoCorasick,
    /// What each pattern stands for.
    patterns: Vec<Hit>,
}

impl Scanner {
    pub(crate) fn of(canaries: &[Canary]) -> Self {
        let mut patterns = Vec::new();
        let mut texts = Vec::new();
        for (kind, word) in canaries {
            for (encoding, text) in encodings(word) {
                // Shorter ones would be found by chance.
                assert!(text.len() >= 6, "{kind} {encoding}");
                patterns.push((*kind, encoding));
                texts.push(text);
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(texts)
            .unwrap();
        Self { automaton, patterns }
    }

    /// All canaries in `content`, also where it is broken over lines or strings.
    pub(crate) fn find(&self, content: &[u8]) -> BTreeSet<Hit> {
        let joined: Vec<u8> = content
            .iter()
            .copied()
            .filter(|byte| !b"\r\n\"' +".contains(byte))
            .collect();
        [content, &joined]
            .iter()
            .flat_map(|text| self.automaton.find_overlapping_iter(*text))
            .filter_map(|found| self.patterns.get(found.pattern().as_usize()).copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_however_it_is_written() {
        let scanner = Scanner::of(&[("name", "Kanariéname".to_owned())]);
        for text in [
            "{\"who\":\"KanariéName\"}".as_bytes(),
            "KANARIÉNAME".as_bytes(),
            "Kanarie\u{301}name".as_bytes(),
            b"kanari%C3%A9name",
            b"Kanari\\u00e9name",
            b"Kanari\n\"\xc3\xa9name",
            b"\\x4b616e617269c3a96e616d65",
            b"who=S2FuYXJpw6luYW1l",
        ] {
            assert!(
                !scanner.find(text).is_empty(),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
        assert!(scanner.find("Canari, né, name".as_bytes()).is_empty());
    }
}
