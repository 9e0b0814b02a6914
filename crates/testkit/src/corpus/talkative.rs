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
}

/// A page with a red square in its lower middle, which is the look of a form field, and with the invented name of
/// a pupil in every place that is not the page's content.
#[must_use]
pub fn talkative() -> Vec<u8> {
    saying(&Said {
        title: "",
        author: "Jeanne Exemple",
        page: "",
    })
}

/// The same with other words.
#[must_use]
pub fn saying(said: &Said<'_>) -> Vec<u8> {
    let Said { title, author, page } = said;
    let mut objects = Objects::default();
    let catalog = objects.add(format!(
        "<< /Type /Catalog /Pages 2 0 R /OpenAction 7 0 R /Metadata 6 0 R /AcroForm << /Fields [5 0 R] >> \
         /Names << /JavaScript << /Names [(a) 7 0 R] >> /EmbeddedFiles << /Names [(f) 9 0 R] >> >> \
         /PageLabels << /Nums [0 << /P ({author}) >>] >> >>"
    ));
    objects.add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    objects.add(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R /Annots [5 0 R 10 0 R] \
         /AA << /O 7 0 R >> /Metadata 6 0 R /LastModified (D:20260101) \
         /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
    );
    let content = format!("0 0 1 rg 0 0 20 20 re f BT /F1 12 Tf 20 250 Td ({page}) Tj ET");
    objects.stream("/Metadata 6 0 R", content.as_bytes());
    objects.add(format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T ({author}) /V ({author}) /Contents ({author}) /Rect [50 30 150 90] \
         /F 4 /P 3 0 R /A 7 0 R /AP << /N 8 0 R >> >>"
    ));
    objects.stream(
        "/Type /Metadata /Subtype /XML",
        format!("<x>{author}</x>").as_bytes(),
    );
    objects.add(format!(
        "<< /Type /Action /S /JavaScript /JS (app.alert\\('{author}'\\)) /Next << /S /Launch /F 9 0 R >> >>"
    ));
    objects.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 100 60] /Metadata 6 0 R",
        b"1 0 0 rg 0 0 100 60 re f",
    );
    objects.add(format!("<< /Type /Filespec /F ({author}) /EF << /F 11 0 R >> >>"));
    objects.add("<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 20 20] /FS 9 0 R >>");
    objects.stream("/Type /EmbeddedFile", author.as_bytes());
    let info = objects.add(format!(
        "<< /Title ({title}) /Author ({author}) /CreationDate (D:20260101) >>"
    ));
    objects.finish(&format!("/Root {catalog} 0 R /Info {info} 0 R"))
}
