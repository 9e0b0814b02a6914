//! How much of a name stands in what a machine read.

use std::collections::BTreeSet;

type Word = Vec<char>;

/// What was read: its words, and each two that follow each other as one, as machines break words.
pub(super) struct Reading {
    words: Vec<Word>,
}

/// A name, by its words.
pub(super) struct Name {
    surname: Vec<Word>,
    given: Vec<Word>,
}

impl Reading {
    /// Of a folded text.
    pub(super) fn of(text: &str) -> Self {
        let plain = words(text);
        let joined = plain.windows(2).map(<[Word]>::concat);
        Self {
            words: joined.chain(plain.iter().cloned()).collect(),
        }
    }

    pub(super) fn pairs(&self) -> BTreeSet<(char, char)> {
        pairs(&self.words)
    }

    /// How much the word that is most like this one is like it, in thousandths.
    fn closest(&self, word: &[char]) -> u32 {
        let likenesses = self.words.iter().map(|read| likeness(word, read));
        likenesses.max().unwrap_or_default()
    }
}

impl Name {
    /// Of a folded surname and folded given names.
    pub(super) fn of(surname: &str, given: &str) -> Self {
        Self {
            surname: words(surname),
            given: words(given),
        }
    }

    pub(super) fn pairs(&self) -> BTreeSet<(char, char)> {
        let mut all = pairs(&self.surname);
        all.extend(pairs(&self.given));
        all
    }

    /// How much of the name was read, in thousandths: all words of the surname, and one given name, as people write them.
    /// Long words count for more.
    pub(super) fn likeness(&self, reading: &Reading) -> u32 {
        let weighed = |word: &Word| (reading.closest(word), length(word));
        let given = self.given.iter().map(weighed).max();
        let (mut sum, mut weight) = (0, 0);
        for (closest, length) in self.surname.iter().map(weighed).chain(given) {
            sum += closest * length;
            weight += length;
        }
        sum.checked_div(weight).unwrap_or_default()
    }
}

fn words(text: &str) -> Vec<Word> {
    text.split_whitespace()
        .map(|word| word.chars().collect())
        .collect()
}

fn pairs(words: &[Word]) -> BTreeSet<(char, char)> {
    let pairs = words.iter().flat_map(|word| word.windows(2));
    pairs
        .filter_map(|pair| match pair {
            [one, other] => Some((*one, *other)),
            _ => None,
        })
        .collect()
}

fn length(word: &[char]) -> u32 {
    u32::try_from(word.len()).unwrap_or(u32::MAX)
}

/// How much two words are alike, in thousandths.
fn likeness(one: &[char], other: &[char]) -> u32 {
    let longest = 2 * length(one).max(length(other));
    let different = 1000 * distance(one, other);
    different
        .checked_div(longest)
        .map_or(0, |different| 1000_u32.saturating_sub(different))
}

/// The changes that make one word of the other, in halves: what is easily misread is half a change.
fn distance(one: &[char], other: &[char]) -> u32 {
    let mut row: Vec<u32> = (0..).step_by(2).take(other.len() + 1).collect();
    for (line, letter) in (1..).zip(one) {
        let mut last = 2 * line;
        let mut next = vec![last];
        for (read, above) in other.iter().zip(row.windows(2)) {
            if let [diagonal, above] = above {
                last = (diagonal + misread(*letter, *read)).min(above + 2).min(last + 2);
                next.push(last);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn misread(letter: char, read: char) -> u32 {
    if letter == read {
        0
    } else if looks_like(letter) == looks_like(read) {
        1
    } else {
        2
    }
}

/// Letters and digits that look alike on paper, by one of them.
fn looks_like(letter: char) -> char {
    match letter {
        'o' | '0' | 'q' | 'd' => 'o',
        'i' | 'l' | '1' | 'j' | 't' => 'i',
        's' | '5' => 's',
        'b' | '8' | '6' | 'h' => 'b',
        'u' | 'v' | 'y' => 'u',
        'g' | '9' => 'g',
        'c' | 'e' => 'c',
        'm' | 'n' | 'r' => 'n',
        'z' | '2' => 'z',
        'a' | '4' => 'a',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(surname: &str, given: &str, read: &str) -> u32 {
        Name::of(surname, given).likeness(&Reading::of(read))
    }

    #[test]
    fn a_name_that_was_read_is_found_wherever_it_stands() {
        assert_eq!(
            likeness("dupont", "eloise", "nom dupont prenom eloise classe 3b"),
            1000
        );
        assert_eq!(likeness("dupont", "eloise marie anne", "eloise dupont"), 1000);
        assert_eq!(likeness("l ecuyer durand", "zoe", "l ecuyer durand zoe"), 1000);
        assert_eq!(likeness("dupont", "eloise", "du pont elo ise"), 1000);
    }

    #[test]
    fn what_is_easily_misread_costs_less_than_what_is_not() {
        let good = likeness("dupont", "eloise", "dup0nt el0i5e");
        let bad = likeness("dupont", "eloise", "dupxnt elxixe");
        assert!(bad < good && good < 1000, "{bad} {good}");
    }

    #[test]
    fn nothing_is_like_nothing() {
        assert_eq!(likeness("dupont", "eloise", ""), 0);
        assert_eq!(likeness("", "", "dupont"), 0);
    }

    #[test]
    fn changes_are_counted_in_halves() {
        let between = |one: &str, other: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            distance(&chars(one), &chars(other))
        };
        assert_eq!(between("chat", "chat"), 0);
        assert_eq!(between("chat", "cha"), 2);
        assert_eq!(between("chat", "xhat"), 2);
        assert_eq!(between("sol", "5o1"), 2);
        assert_eq!(between("", "abc"), 6);
    }
}
