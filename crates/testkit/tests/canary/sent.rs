//! How words are sent: in the encodings in which people, their browsers and the programs of schools really write them.

use reqwest::Request;
use reqwest::header::CONTENT_TYPE;

use crate::kinds::FILE;
use crate::written::{
    STANDARD, all_percent, base64, decomposed, escaped, percent, quoted_printable, wide, windows,
};

/// What is typed into a body of JSON: a name, and the body.
type Writing = (&'static str, fn(&str) -> String);

/// With escapes and without; as most keyboards make letters with accents, and as some do.
pub(crate) const BODIES: [Writing; 4] = [
    ("as it is", str::to_owned),
    ("escaped", escaped),
    ("decomposed", decomposed),
    ("decomposed and escaped", |text| escaped(&decomposed(text))),
];

/// The request with what is typed in its body written in the way that has its turn, and the name of that; `None` where there
/// is nothing to be written otherwise.
pub(crate) fn rewritten(request: &mut Request, turn: usize) -> Option<&'static str> {
    let kind = request.headers().get(CONTENT_TYPE)?;
    let text = std::str::from_utf8(request.body()?.as_bytes()?).ok()?;
    if kind != "application/json" || text.is_ascii() {
        return None;
    }
    // A password is the same only if it is typed in the same way.
    let ways = if text.contains("\"password\"") || text.contains("\"current\"") {
        2
    } else {
        BODIES.len()
    };
    let (name, write) = BODIES[turn % ways];
    *request.body_mut() = Some(write(text).into());
    Some(name)
}

/// A list of pupils, as different programs save it.
pub(crate) fn lists(text: &str) -> [Vec<u8>; 6] {
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    [
        text.into(),
        marked(b"\xef\xbb\xbf", text.into()),
        decomposed(text).into(),
        windows(text),
        marked(b"\xff\xfe", wide(text, u16::to_le_bytes)),
        marked(b"\xfe\xff", wide(text, u16::to_be_bytes)),
    ]
}

/// What stands in an address: of a page, or of a program that takes an address for Windows' or writes it with more signs
/// than it needs.
pub(crate) fn in_address(word: &str, turn: usize) -> String {
    let forms = [
        percent(word.as_bytes()),
        percent(decomposed(word).as_bytes()),
        percent(&windows(word)),
        percent(percent(word.as_bytes()).as_bytes()),
        all_percent(word.as_bytes()).to_ascii_lowercase(),
    ];
    forms[turn % forms.len()].clone()
}

/// What stands in a header, which knows no accents: the bytes of one encoding or another, or signs for them.
pub(crate) fn in_header(word: &str, turn: usize) -> Vec<u8> {
    let forms = [
        word.into(),
        windows(word),
        decomposed(word).into(),
        percent(word.as_bytes()).into(),
        format!("=?UTF-8?Q?{}?=", quoted_printable(word.as_bytes())).into(),
        format!("UTF-8''{}", percent(word.as_bytes())).into(),
    ];
    forms[turn % forms.len()].clone()
}

/// What clients say that a file is called, and whether that can be read.
pub(crate) fn names_of_files() -> Vec<(Vec<u8>, bool)> {
    let quoted = |name: &[u8]| [&b"filename=\""[..], name, b"\""].concat();
    let mail = base64(FILE.as_bytes(), 0, STANDARD);
    vec![
        (quoted(FILE.as_bytes()), true),
        (quoted(decomposed(FILE).as_bytes()), true),
        (quoted(percent(FILE.as_bytes()).as_bytes()), true),
        (quoted(FILE.replace('é', "&#233;").as_bytes()), true),
        (
            quoted(format!("=?UTF-8?Q?{}?=", quoted_printable(FILE.as_bytes())).as_bytes()),
            true,
        ),
        (quoted(format!("=?UTF-8?B?{mail}?=").as_bytes()), true),
        (
            format!(
                "filename=\"copie.pdf\"; filename*=UTF-8''{}",
                percent(FILE.as_bytes())
            )
            .into(),
            true,
        ),
        (
            format!("filename*=ISO-8859-1'fr'{}", percent(&windows(FILE))).into(),
            true,
        ),
        (quoted(&windows(FILE)), false),
    ]
}
