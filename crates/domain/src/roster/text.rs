//! Bytes as text: with a mark at the beginning as that says, else UTF-8, else what Windows writes in Western Europe.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

/// The text of a file, without its mark.
pub(super) fn of(bytes: &[u8]) -> Cow<'_, str> {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _length)| encoding);
    match (marked, std::str::from_utf8(bytes)) {
        (Some(encoding), _) => encoding.decode_with_bom_removal(bytes).0,
        (None, Ok(text)) => Cow::Borrowed(text),
        (None, Err(_not_utf8)) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_read_whatever_wrote_them() {
        for bytes in [
            "é€".as_bytes(),
            "\u{feff}é€".as_bytes(),
            &[0xe9, 0x80],
            &[0xff, 0xfe, 0xe9, 0x00, 0xac, 0x20],
            &[0xfe, 0xff, 0x00, 0xe9, 0x20, 0xac],
        ] {
            assert_eq!(of(bytes), "é€", "{bytes:?}");
        }
    }
}
