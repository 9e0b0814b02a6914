//! Texts as they are compared: without accents, without case, and without what separates words.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The words of `text` without accents and in lower case, one space between them. Apostrophes, hyphens and all other
/// signs separate words, so that `L’Écuyer-Durand` is found as `l ecuyer durand`.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' => folded.push('d'),
            'ı' => folded.push('i'),
            letter if letter.is_alphanumeric() => folded.extend(letter.to_lowercase()),
            _separator if folded.is_empty() || folded.ends_with(' ') => {}
            _separator => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_signs_make_no_difference() {
        for (text, folded) in [
            ("DUPOND", "dupond"),
            ("Éloïse", "eloise"),
            ("  L’Écuyer--Durand ", "l ecuyer durand"),
            ("Lœtitia ÇELİK", "loetitia celik"),
            ("Groß, Łukasz", "gross lukasz"),
            ("Nguyễn Thị", "nguyen thi"),
            ("e\u{301}", "e"),
            ("1re B", "1re b"),
            ("—", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }
}
