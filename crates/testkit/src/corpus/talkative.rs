//! A document that says more than it shows: notes about itself, actions, forms, attached files.

use korrigo::demo::objects::Objects;

/// What a document says.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Its title, in its notes about itself.
    pub title: &'a str,
    /// Who wrote it, in every place that is not the page's content.
    pub author: &'a str,
    /// What is to be read on its page.
    pub page: &'a str,
    /// How all that is written.
    pub strings: Strings,
}

/// How the strings of a document are written.
#[derive(Debug, Clone, Copy)]
pub enum Strings {
    /// Byte by byte in PDF's own encoding.
    Plain,
    /// The same, what is not ASCII as octal numbers.
    Octal,
    /// UTF-16 with its mark, in hexadecimal numbers.
    Hexadecimal,
    /// UTF-16 with its mark, byte by byte.
    Wide,
    /// UTF-8 with its mark.
    Utf8,
}

impl Strings {
    /// Every way.
    pub const ALL: &'static [Self] = &[
        Self::Plain,
        Self::Octal,
        Self::Hexadecimal,
        Self::Wide,
        Self::Utf8,
    ];

    /// A string with its brackets; each character is a byte of the file.
    fn write(self, text: &str) -> String {
        let wide = || std::iter::once(0xfeff).chain(text.encode_utf16());
        match self {
            Self::Plain => format!("({text})"),
            Self::Octal => format!("({})", octal(text)),
            Self::Hexadecimal => {
                let digits: Vec<String> = wide().map(|unit| format!("{unit:04X}")).collect();
                format!("<{}>", digits.concat())
            }
            Self::Wide => {
                let bytes = wide().flat_map(u16::to_be_bytes).map(char::from);
                format!("({})", bytes.collect::<String>())
            }
            Self::Utf8 => {
                let bytes = ["\u{feff}", text].concat().into_bytes();
                format!("({})", bytes.into_iter().map(char::from).collect::<String>())
            }
        }
    }

    /// The same on a page, where the font says what a byte means.
    fn show(self, text: &str) -> String {
        match self {
            Self::Plain | Self::Wide | Self::Utf8 => format!("({text})"),
            Self::Octal => format!("({})", octal(text)),
            Self::Hexadecimal => {
                let digits: Vec<String> = latin(text).iter().map(|byte| format!("{byte:02X}")).collect();
                format!("<{}>", digits.concat())
            }
        }
    }
}

fn octal(text: &str) -> String {
    let letters = text.chars().map(|letter| {
        if letter.is_ascii() {
            letter.to_string()
        } else {
            format!("\\{:03o}", u32::from(letter))
        }
    });
    letters.collect()
}

/// A byte for each character.
fn latin(text: &str) -> Vec<u8> {
    let bytes = text.chars().map(|letter| u8::try_from(u32::from(letter)));
    bytes.map(|byte| byte.unwrap_or(b'?')).collect()
}

/// A page with a red square in its lower middle, which is the look of a form field, and with the invented name of
/// a pupil in every place that is not the page's content.
#[must_use]
pub fn talkative() -> Vec<u8> {
    saying(&Said {
        title: "",
        author: "Jeanne Exemple",
        page: "",
        strings: Strings::Plain,
    })
}

/// The same with other words.
#[must_use]
pub fn saying(said: &Said<'_>) -> Vec<u8> {
    let Said {
        title,
        author,
        page,
        strings,
    } = said;
    let (title, name, shown) = (strings.write(title), strings.write(author), strings.show(page));
    let mut objects = Objects::default();
    let catalog = objects.add(latin(&format!(
        "<< /Type /Catalog /Pages 2 0 R /OpenAction 7 0 R /Metadata 6 0 R /AcroForm << /Fields [5 0 R] >> \
         /Names << /JavaScript << /Names [(a) 7 0 R] >> /EmbeddedFiles << /Names [(f) 9 0 R] >> >> \
         /PageLabels << /Nums [0 << /P {name} >>] >> >>"
    )));
    objects.add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    objects.add(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R /Annots [5 0 R 10 0 R] \
         /AA << /O 7 0 R >> /Metadata 6 0 R /LastModified (D:20260101) \
         /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
    );
    let content = format!("0 0 1 rg 0 0 20 20 re f BT /F1 12 Tf 20 250 Td {shown} Tj ET");
    objects.stream("/Metadata 6 0 R", &latin(&content));
    objects.add(latin(&format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T {name} /V {name} /Contents {name} /Rect [50 30 150 90] \
         /F 4 /P 3 0 R /A 7 0 R /AP << /N 8 0 R >> >>"
    )));
    objects.stream(
        "/Type /Metadata /Subtype /XML",
        format!("<x>{author}</x>").as_bytes(),
    );
    objects.add(latin(&format!(
        "<< /Type /Action /S /JavaScript /JS (app.alert\\('{author}'\\)) /Next << /S /Launch /F 9 0 R >> >>"
    )));
    objects.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 100 60] /Metadata 6 0 R",
        b"1 0 0 rg 0 0 100 60 re f",
    );
    objects.add(latin(&format!(
        "<< /Type /Filespec /F {name} /EF << /F 11 0 R >> >>"
    )));
    objects.add("<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 20 20] /FS 9 0 R >>");
    objects.stream("/Type /EmbeddedFile", author.as_bytes());
    let info = objects.add(latin(&format!(
        "<< /Title {title} /Author {name} /CreationDate (D:20260101) >>"
    )));
    objects.finish(&format!("/Root {catalog} 0 R /Info {info} 0 R"))
}
