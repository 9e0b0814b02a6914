//! How a word may look where it does not belong, whoever wrote it there and however they took it for something else.

/// A name, and the bytes.
pub(crate) type Way = (&'static str, Vec<u8>);

/// Each way in which a word may be written that is not the same as another one.
pub(crate) fn ways(word: &str) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for (name, bytes) in all_ways(word) {
        if !ways.iter().any(|(_, known)| known.eq_ignore_ascii_case(&bytes)) {
            ways.push((name, bytes));
        }
    }
    ways
}

/// As many of them for each word.
pub(crate) fn all_ways(word: &str) -> Vec<Way> {
    let mut ways: Vec<Way> = texts(word)
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    for (name, bytes) in encodings(word) {
        let signs = as_signs(&bytes).into_iter();
        let signs = signs.map(|(name, text)| (name, text.into_bytes()));
        ways.extend(signs);
        ways.push((name, bytes));
    }
    ways
}

/// As a text.
fn texts(word: &str) -> Vec<(&'static str, String)> {
    let (apart, large) = (decomposed(word), word.to_uppercase());
    let mut texts = vec![
        ("as it is", word.to_owned()),
        ("decomposed", apart.clone()),
        ("without accents", word.replace('é', "e")),
        ("upper case", large.clone()),
        ("Windows-1252 taken for UTF-8", word.replace('é', "\u{fffd}")),
    ];
    let misread: Vec<_> = texts
        .iter()
        .map(|(_, text)| (MISREAD, text.bytes().map(char::from).collect()))
        .collect();
    texts.extend(misread);
    texts.push((MISREAD, large.replace('É', "Ã‰")));
    for sign in ["&eacute;", "&#233;", "&#xe9;"] {
        texts.push(("HTML", word.replace('é', sign)));
    }
    for text in [word, &apart] {
        texts.push(("JSON", escaped(text)));
        texts.push(("Rust", text.escape_default().to_string()));
    }
    texts
}

/// What a program makes of a text that does not know UTF-8.
pub(crate) const MISREAD: &str = "UTF-8 taken for Windows-1252";

/// As bytes.
fn encodings(word: &str) -> Vec<Way> {
    vec![
        ("as it is", word.as_bytes().to_vec()),
        ("decomposed", decomposed(word).into_bytes()),
        ("Windows-1252", windows(word)),
        ("UTF-16BE", wide(word, u16::to_be_bytes)),
        ("UTF-16LE", wide(word, u16::to_le_bytes)),
    ]
}

/// Bytes as signs that stand for them.
fn as_signs(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let mut signs = vec![
        ("percent", percent(bytes)),
        ("percent", all_percent(bytes)),
        ("hexadecimal", hex(bytes)),
        ("octal", each(bytes, is_printed, |byte| format!("\\{byte:03o}"))),
        ("bytes", each(bytes, is_printed, |byte| format!("\\x{byte:02x}"))),
        ("quoted-printable", quoted_printable(bytes)),
        (
            "numbers",
            bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
        ),
    ];
    for letters in [STANDARD, FOR_ADDRESSES] {
        signs.extend((0..3).map(|shift| ("base64", base64(bytes, shift, letters))));
    }
    signs
}

/// With its accents behind their letters.
pub(crate) fn decomposed(text: &str) -> String {
    text.replace('é', "e\u{301}")
}

/// With the escapes of JSON.
pub(crate) fn escaped(text: &str) -> String {
    let letters = text.chars().map(|letter| {
        if letter.is_ascii() {
            letter.to_string()
        } else {
            format!("\\u{:04x}", u32::from(letter))
        }
    });
    letters.collect()
}

/// As Windows writes it in Western Europe, and PDF where it does not say otherwise.
pub(crate) fn windows(text: &str) -> Vec<u8> {
    let letters = text.chars().map(u32::from).map(u8::try_from);
    letters.collect::<Result<_, _>>().unwrap()
}

/// In units of two bytes.
pub(crate) fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// As it is written in addresses.
pub(crate) fn percent(bytes: &[u8]) -> String {
    each(bytes, is_unreserved, |byte| format!("%{byte:02X}"))
}

/// The same, where nothing is let stand.
pub(crate) fn all_percent(bytes: &[u8]) -> String {
    each(bytes, never, |byte| format!("%{byte:02X}"))
}

/// As it is written in mails.
pub(crate) fn quoted_printable(bytes: &[u8]) -> String {
    each(bytes, is_printed, |byte| format!("={byte:02X}"))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    each(bytes, never, |byte| format!("{byte:02x}"))
}

/// The bytes, those that are not plain as something else.
fn each(bytes: &[u8], is_plain: fn(u8) -> bool, sign: fn(u8) -> String) -> String {
    let plain = |byte: &u8| {
        if is_plain(*byte) {
            char::from(*byte).to_string()
        } else {
            sign(*byte)
        }
    };
    bytes.iter().map(plain).collect()
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn is_printed(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

fn never(_byte: u8) -> bool {
    false
}

pub(crate) const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const FOR_ADDRESSES: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The letters of base64 that stand for these bytes alone, however many bytes stood before them.
pub(crate) fn base64(bytes: &[u8], shift: usize, letters: &[u8; 64]) -> String {
    let shifted: Vec<u8> = std::iter::repeat_n(0, shift)
        .chain(bytes.iter().copied())
        .collect();
    let written = shifted.chunks_exact(3).flat_map(|three| {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        [18, 12, 6, 0].map(|place| char::from(letters[usize::try_from(bits >> place & 63).unwrap()]))
    });
    // The first letters have bits of what stood before.
    written.skip(if shift == 0 { 0 } else { 4 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_in_base64_whatever_stands_before_it() {
        let find =
            |encoded: &str| (0..3).any(|shift| encoded.contains(&base64(b"Kanariname", shift, STANDARD)));
        // `Kanariname!`, `-Kanariname!` and `--Kanariname!`.
        for encoded in ["S2FuYXJpbmFtZSE=", "LUthbmFyaW5hbWUh", "LS1LYW5hcmluYW1lIQ=="] {
            assert!(find(encoded), "{encoded}");
        }
        assert!(!find("S2FuYXJpdXMhISEh"));
    }
}
