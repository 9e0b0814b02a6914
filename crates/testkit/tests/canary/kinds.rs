//! One invented word per kind of personal data, and how it may look where it does not belong.

/// What people are called, as an administrator types it.
pub(crate) const NAME: &str = "Kanariéname";
/// The login of a person, which is an address of theirs.
pub(crate) const EMAIL: &str = "kanari.email@school.example";
/// What a pupil is called, as a list of the school has it, and what else it says of them.
pub(crate) const PUPIL: &str = "Kanariépupil";
pub(crate) const GIVEN_NAME: &str = "Kanarigivenname";
pub(crate) const FORM: &str = "Kanariéform";
pub(crate) const NUMBER: &str = "Kanarinumber0";
/// What a pupil logs in with.
pub(crate) const ACCESS: &str = "kanari.access@school.example";
/// A telephone number, in a remark.
pub(crate) const PHONE: &str = "+33639987014";
/// A class, in the name of an exam.
pub(crate) const CLASS: &str = "Kanariéclass7";
/// What a question is called.
pub(crate) const LABEL: &str = "Kanariélabel";
/// What a client calls a file.
pub(crate) const FILE: &str = "KANARIFILE.pdf";
/// The title of a document, its author, a word on its page, and what else it says of itself.
pub(crate) const TITLE: &str = "Kanarititle";
pub(crate) const AUTHOR: &str = "Kanariauthor";
pub(crate) const PAGE: &str = "Kanaripage";
/// What a document that cannot be read is made of.
pub(crate) const BROKEN: &str = "Kanaribroken";
/// What correctors write.
pub(crate) const ANNOTATION: &str = "Kanariéannotation";
pub(crate) const REMARK: &str = "Kanariéremark";
pub(crate) const APPRECIATION: &str = "Kanariéappreciation";
pub(crate) const DRAFT: &str = "Kanariédraft";
/// What a window calls itself.
pub(crate) const WINDOW: &str = "Kanariwindow";
/// What somebody types who is not known here.
pub(crate) const LOGIN: &str = "kanari.login@school.example";
pub(crate) const PASSWORD: &str = "Kanaripassword-of-a-pupil";
/// What is nobody's secret and looks like one.
pub(crate) const TOKEN: &str = "Kanaritoken-of-nobody";
/// What a client calls a request.
pub(crate) const KEY: &str = "Kanarikey-Marie";
/// What is in addresses, headers and bodies where nobody asked for it.
pub(crate) const QUERY: &str = "Kanariquery";
pub(crate) const PATH: &str = "Kanaripath";
pub(crate) const HEADER: &str = "Kanariheader";
pub(crate) const BODY: &str = "Kanaribody";
/// What is in a message that is not ours.
pub(crate) const MESSAGE: &str = "Kanarimessage";

/// All that are known before anything is sent. Each word is in a text of its kind; finding the word is finding the text.
pub(crate) const KINDS: &[(&str, &str)] = &[
    ("name", NAME),
    ("email", EMAIL),
    ("pupil", PUPIL),
    ("given name", GIVEN_NAME),
    ("class of a pupil", FORM),
    ("number of a pupil", NUMBER),
    ("login of a pupil", ACCESS),
    ("phone", PHONE),
    ("class", CLASS),
    ("label of a question", LABEL),
    ("file name", FILE),
    ("title of a document", TITLE),
    ("author of a document", AUTHOR),
    ("text on a page", PAGE),
    ("broken document", BROKEN),
    ("annotation", ANNOTATION),
    ("remark", REMARK),
    ("appreciation", APPRECIATION),
    ("draft", DRAFT),
    ("window", WINDOW),
    ("unknown login", LOGIN),
    ("password", PASSWORD),
    ("false token", TOKEN),
    ("idempotency key", KEY),
    ("query", QUERY),
    ("path", PATH),
    ("header", HEADER),
    ("body", BODY),
    ("message", MESSAGE),
];

/// Each way in which a word may be written, with its name.
pub(crate) fn encodings(word: &str) -> Vec<(&'static str, Vec<u8>)> {
    let plain = [
        ("as it is", word.to_owned()),
        ("decomposed", word.replace('é', "e\u{301}")),
        ("without accents", word.replace('é', "e")),
        ("upper case", word.to_uppercase()),
        ("percent", percent(word)),
        ("JSON", json(word)),
        ("hexadecimal", hex(word.as_bytes())),
        ("HTML", word.replace('é', "&eacute;")),
    ];
    let mut encodings: Vec<_> = plain
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    encodings.push((
        "UTF-16LE",
        word.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ));
    encodings.push((
        "UTF-16BE",
        word.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ));
    for shift in 0..3 {
        encodings.push(("base64", base64(word.as_bytes(), shift)));
    }
    encodings
}

fn percent(word: &str) -> String {
    let letters = word.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    letters.collect()
}

fn json(word: &str) -> String {
    let letters = word.chars().map(|letter| {
        if letter.is_ascii() {
            letter.to_string()
        } else {
            format!("\\u{:04x}", u32::from(letter))
        }
    });
    letters.collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

/// The letters of base64 that stand for these bytes alone, however many bytes stood before them.
fn base64(bytes: &[u8], shift: usize) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let shifted: Vec<u8> = std::iter::repeat_n(0, shift)
        .chain(bytes.iter().copied())
        .collect();
    let letters = shifted.chunks_exact(3).flat_map(|three| {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|place| LETTERS[usize::try_from(bits >> place & 63).unwrap()])
    });
    // The first letters have bits of what stood before.
    letters.skip(if shift == 0 { 0 } else { 4 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_base64_whatever_stands_before_it() {
        let find = |encoded: &str| {
            (0..3).any(|shift| {
                let part = base64(b"Kanariname", shift);
                encoded
                    .as_bytes()
                    .windows(part.len())
                    .any(|window| window == part)
            })
        };
        // `Kanariname!`, `-Kanariname!` and `--Kanariname!`.
        for encoded in ["S2FuYXJpbmFtZSE=", "LUthbmFyaW5hbWUh", "LS1LYW5hcmluYW1lIQ=="] {
            assert!(find(encoded), "{encoded}");
        }
        assert!(!find("S2FuYXJpdXMhISEh"));
    }

    #[test]
    fn no_word_is_part_of_another() {
        for (one, word) in KINDS {
            for (other, text) in KINDS {
                assert!(one == other || !text.contains(word), "{one} in {other}");
            }
        }
    }
}
