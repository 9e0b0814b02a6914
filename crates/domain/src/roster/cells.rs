//! Records of cells out of text, with the line on which each begins. Cells may be quoted, and then hold separators, line
//! ends and doubled quotation marks. Lines end in any of the three ways.

use std::iter::Peekable;
use std::str::Chars;

/// The records of a text in order.
pub(super) struct Cells<'a> {
    letters: Peekable<Chars<'a>>,
    separator: char,
    line: u32,
}

/// One record. It names pupils: it has no `Debug`.
pub(super) struct Record {
    /// Where it begins, counted from 1.
    pub(super) line: u32,
    /// What is in it, with single spaces between words and none around.
    pub(super) cells: Vec<String>,
    /// Whether all of its quotation marks are closed.
    pub(super) closed: bool,
}

impl Record {
    /// Whether nothing is in it.
    pub(super) fn is_blank(&self) -> bool {
        self.closed && self.cells.iter().all(String::is_empty)
    }

    /// What is in a cell; nothing, if there is no such cell.
    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", String::as_str)
    }
}

impl<'a> Cells<'a> {
    /// The records of `text`, whose cells are separated by `separator`.
    pub(super) fn of(text: &'a str, separator: char) -> Self {
        Self {
            letters: text.chars().peekable(),
            separator,
            line: 1,
        }
    }

    /// The next letter; a line end of any kind is one `\n`.
    fn next_letter(&mut self) -> Option<char> {
        let letter = self.letters.next()?;
        if letter == '\r' {
            self.letters.next_if_eq(&'\n');
        }
        if matches!(letter, '\r' | '\n') {
            self.line = self.line.saturating_add(1);
            return Some('\n');
        }
        Some(letter)
    }

    /// What is between quotation marks, the first of which was read; `false` if the second is missing.
    fn quoted(&mut self, cell: &mut String) -> bool {
        while let Some(letter) = self.next_letter() {
            match letter {
                '"' if self.letters.next_if_eq(&'"').is_some() => cell.push('"'),
                '"' => return true,
                letter => cell.push(letter),
            }
        }
        false
    }
}

impl Iterator for Cells<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        self.letters.peek()?;
        let mut record = Record {
            line: self.line,
            cells: Vec::new(),
            closed: true,
        };
        let mut cell = String::new();
        loop {
            match self.next_letter() {
                Some('"') if cell.trim().is_empty() => record.closed &= self.quoted(&mut cell),
                Some(letter) if letter == self.separator => {
                    record.cells.push(tidied(&cell));
                    cell.clear();
                }
                None | Some('\n') => break,
                Some(letter) => cell.push(letter),
            }
        }
        record.cells.push(tidied(&cell));
        Some(record)
    }
}

fn tidied(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(u32, Vec<String>)> {
        Cells::of(text, ',')
            .map(|record| (record.line, record.cells))
            .collect()
    }

    fn record(line: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn every_record_knows_its_line_whatever_ends_the_lines() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"c\nd\",e", "f"].join(end);
            let expected = [
                record(1, &["a", "b"]),
                record(2, &[""]),
                record(3, &["c d", "e"]),
                record(5, &["f"]),
            ];
            assert_eq!(all(&text), expected, "{end:?}");
        }
        assert_eq!(all(""), []);
        assert_eq!(all("a,\n"), [record(1, &["a", ""])]);
    }

    #[test]
    fn quotation_marks_quote_only_where_a_cell_begins() {
        assert_eq!(
            all("\"a \"\"b\"\"\",c\"d, \"e\"f"),
            [record(1, &["a \"b\"", "c\"d", "ef"])]
        );
        let open: Vec<_> = Cells::of("a,\"b\nc", ',').collect();
        assert_eq!(open.len(), 1);
        assert!(open.iter().all(|record| !record.closed));
    }
}
