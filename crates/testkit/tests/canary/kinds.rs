//! One invented word per kind of personal data.

/// What people are called, as an administrator types it.
pub(crate) const NAME: &str = "Kanariéname";
/// The login of a person, which is an address of theirs.
pub(crate) const EMAIL: &str = "kanari.email@school.example";
/// What a pupil is called, as a list of the school has it, and what else it says of them.
pub(crate) const PUPIL: &str = "Kanariépupil";
pub(crate) const GIVEN_NAME: &str = "Kanariégivenname";
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
pub(crate) const FILE: &str = "Kanariéfile.pdf";
/// The title of a document, its author, a word on its page, and what else it says of itself.
pub(crate) const TITLE: &str = "Kanariétitle";
pub(crate) const AUTHOR: &str = "Kanariéauthor";
pub(crate) const PAGE: &str = "Kanariépage";
/// What a document that cannot be read is made of.
pub(crate) const BROKEN: &str = "Kanariébroken";
/// What correctors write.
pub(crate) const ANNOTATION: &str = "Kanariéannotation";
pub(crate) const REMARK: &str = "Kanariéremark";
pub(crate) const APPRECIATION: &str = "Kanariéappreciation";
pub(crate) const DRAFT: &str = "Kanariédraft";
/// What a window calls itself.
pub(crate) const WINDOW: &str = "Kanariéwindow";
/// What somebody types who is not known here.
pub(crate) const LOGIN: &str = "kanari.login@school.example";
pub(crate) const PASSWORD: &str = "Kanariépassword-of-a-pupil";
/// What is nobody's secret and looks like one.
pub(crate) const TOKEN: &str = "Kanaritoken-of-nobody";
/// What a client calls a request.
pub(crate) const KEY: &str = "Kanarikey-Marie";
/// What is in addresses, headers and bodies where nobody asked for it.
pub(crate) const QUERY: &str = "Kanariéquery";
pub(crate) const PATH: &str = "Kanariépath";
pub(crate) const HEADER: &str = "Kanariéheader";
pub(crate) const BODY: &str = "Kanariébody";
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_part_of_another() {
        for (one, word) in KINDS {
            for (other, text) in KINDS {
                assert!(one == other || !text.contains(word), "{one} in {other}");
            }
        }
    }
}
