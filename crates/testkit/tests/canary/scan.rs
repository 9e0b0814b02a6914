//! Looks for every canary in every encoding at once.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use crate::written::ways;

/// What a canary stands for, and its word.
pub(crate) type Canary = (&'static str, String);

/// What was found: which kind, written how.
pub(crate) type Hit = (&'static str, &'static str);

pub(crate) struct Scanner {
    automaton: AhoCorasick,
    /// Which of the canaries each pattern is of, and what it stands for.
    patterns: Vec<(usize, Hit)>,
}

impl Scanner {
    pub(crate) fn of(canaries: &[Canary]) -> Self {
        let mut patterns = Vec::new();
        let mut texts = Vec::new();
        for (number, (kind, word)) in canaries.iter().enumerate() {
            for (way, text) in ways(word) {
                // Shorter ones would be found by chance.
                assert!(text.len() >= 6, "{kind} {way}");
                patterns.push((number, (*kind, way)));
                texts.push(text);
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(texts)
            .unwrap();
        Self { automaton, patterns }
    }

    /// All canaries in `content`.
    pub(crate) fn find(&self, content: &[u8]) -> BTreeSet<Hit> {
        self.found(content).into_iter().map(|(_, hit)| hit).collect()
    }

    /// Which of the canaries are in `content`, by their places.
    pub(crate) fn which(&self, content: &[u8]) -> BTreeSet<usize> {
        let found = self.found(content).into_iter();
        found.map(|(number, _)| number).collect()
    }

    /// Also where it is broken over lines or strings, and where a text with escapes was escaped again.
    fn found(&self, content: &[u8]) -> BTreeSet<(usize, Hit)> {
        let joined: Vec<u8> = content
            .iter()
            .copied()
            .filter(|byte| !b"\r\n\"' +".contains(byte))
            .collect();
        let mut once = content.to_vec();
        once.dedup_by(|one, other| *one == b'\\' && *other == b'\\');
        [content, &joined, &once]
            .iter()
            .flat_map(|text| self.automaton.find_overlapping_iter(*text))
            .filter_map(|found| self.patterns.get(found.pattern().as_usize()).copied())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As programs write it, byte by byte.
    const WRITTEN: &[&[u8]] = &[
        "{\"who\":\"KanariéName\"}".as_bytes(),
        "KANARIÉNAME".as_bytes(),
        "Kanarie\u{301}name".as_bytes(),
        b"Kanariename",
        b"kanari%C3%A9name",
        b"kanari%E9name",
        b"kanarie%CC%81name",
        b"%4b%61%6e%61%72%69%c3%a9%6e%61%6d%65",
        b"Kanari\\u00e9name",
        b"{\"body\":\"{\\\"who\\\":\\\"Kanari\\\\u00e9name\\\"}\"}",
        b"Kanari\n\"\xc3\xa9name",
        b"Kanari\xe9name",
        b"(Kanari\\351name)",
        b"Kanari\\303\\251name",
        b"b\"Kanari\\xc3\\xa9name\"",
        b"Kanari\\u{e9}name",
        b"\\x4b616e617269c3a96e616d65",
        b"<FEFF004B0061006E00610072006900E9006E0061006D0065>",
        b"\xfe\xff\0K\0a\0n\0a\0r\0i\0\xe9\0n\0a\0m\0e",
        b"K\0a\0n\0a\0r\0i\0\xe9\0n\0a\0m\0e\0",
        b"=?UTF-8?Q?Kanari=C3=A9name?=",
        b"=?UTF-8?B?S2FuYXJpw6luYW1l?=",
        b"who=S2FuYXJpw6luYW1l",
        b"who=S2FuYXJp6W5hbWU=",
        "KanariÃ©name".as_bytes(),
        "KANARIÃ\u{89}NAME".as_bytes(),
        "KANARIÃ‰NAME".as_bytes(),
        "Kanari\u{fffd}name".as_bytes(),
        b"<<75,97,110,97,114,105,195,169,110,97,109,101>>",
        b"[75, 97, 110, 97, 114, 105, 195, 169,\n 110, 97, 109, 101]",
        b"Kanari&#233;name",
    ];

    #[test]
    fn a_word_is_found_however_it_is_written() {
        let scanner = Scanner::of(&[("name", "Kanariéname".to_owned())]);
        for text in WRITTEN {
            assert!(
                !scanner.find(text).is_empty(),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
        assert!(scanner.find("Canari, né, name".as_bytes()).is_empty());
    }
}
