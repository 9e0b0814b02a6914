//! What a document is called in an archive: by its class and pupil, safe to unpack anywhere.

use crate::copy::AnonymousId;
use crate::student::{ClassName, Particulars};

/// How long a directory's name may be, in bytes, and the part of a file's name that says who it is. File systems have
/// room for 255 bytes, some programs for 260 in the whole path.
const LONGEST_CLASS: usize = 60;
const LONGEST_PUPIL: usize = 120;

/// Stands for a class that is not known.
const NOWHERE: &str = "-";

/// What some systems take for devices, whatever comes after a dot.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
const NUMBERED_DEVICES: [&str; 2] = ["COM", "LPT"];

/// `<class>/<SURNAME Given names>-<anonymous id>.pdf`, or `-/<anonymous id>.pdf`.
pub(super) fn of(pupil: Option<&Particulars>, anonymous_id: &AnonymousId) -> String {
    let id = anonymous_id.as_str();
    let Some(pupil) = pupil else {
        return format!("{NOWHERE}/{id}.pdf");
    };
    let class = pupil.class.as_ref().map_or("", ClassName::expose);
    let class = part(class, LONGEST_CLASS);
    let names = part(&pupil.full_name(), LONGEST_PUPIL);
    format!("{class}/{names}-{id}.pdf")
}

/// A part of a path that is nothing but a name: no separators, nothing that cannot be seen, no dots or spaces at the
/// ends, no device, bounded.
fn part(text: &str, longest: usize) -> String {
    let mut name = String::new();
    for letter in text
        .trim_matches(at_no_end)
        .chars()
        .filter(|letter| !is_unseen(*letter))
    {
        let letter = if is_special(letter) { '_' } else { letter };
        if name.len() + letter.len_utf8() > longest {
            break;
        }
        name.push(letter);
    }
    let name = name.trim_matches(at_no_end);
    if name.is_empty() {
        NOWHERE.to_owned()
    } else if is_device(name) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

fn at_no_end(letter: char) -> bool {
    letter == '.' || letter.is_whitespace()
}

/// Has a meaning in paths somewhere, or in shells.
fn is_special(letter: char) -> bool {
    letter.is_control() || matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Changes how what is beside it is shown: writing directions, joiners, byte order marks.
fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        number.len() == 1 && number.chars().all(|digit| digit.is_ascii_digit())
    };
    DEVICES.contains(&stem.as_str()) || NUMBERED_DEVICES.into_iter().any(numbered)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_a_name_and_no_path() {
        for (text, expected) in [
            ("1re B", "1re B"),
            ("LÉCUYER Zoé", "LÉCUYER Zoé"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "-"),
            (".", "-"),
            ("", "-"),
            ("  .cache. ", "cache"),
            ("C:\\Windows", "C__Windows"),
            ("a\u{0}b\nc", "a_b_c"),
            ("abc\u{202e}fdp.exe", "abcfdp.exe"),
            ("con", "_con"),
            ("Aux.1", "_Aux.1"),
            ("COM7", "_COM7"),
            ("COM77", "COM77"),
            ("CONAN Alix", "CONAN Alix"),
        ] {
            assert_eq!(part(text, 60), expected, "{text:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_letters() {
        assert_eq!(part(&"é".repeat(100), 61), "é".repeat(30));
        assert_eq!(part("abc def", 4), "abc");
    }

    proptest! {
        #[test]
        fn whatever_people_are_called_nothing_is_unpacked_elsewhere(text in any::<String>(), longest in 4_usize..200) {
            let name = part(&text, longest);
            prop_assert!(!name.is_empty() && name.len() <= longest + 1);
            prop_assert!(name != "." && name != "..");
            prop_assert!(!name.contains(['/', '\\', ':']) && !name.chars().any(char::is_control));
            prop_assert!(!name.ends_with(['.', ' ']));
        }
    }
}
