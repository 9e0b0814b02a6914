//! A finished document, and how one ends.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::error::Error;
use crate::output::{Number, Output};

/// A finished document. What it has in common with its source is not held twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<'a> {
    parts: Vec<Cow<'a, [u8]>>,
    /// How many pages it has.
    pub pages: u32,
}

impl Document<'_> {
    /// How many bytes the file has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    /// The file in one piece.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.parts.concat()
    }

    /// Writes the file.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        self.parts.iter().try_for_each(|part| to.write_all(part))
    }
}

/// Writes the tree of pages and the catalog, and ends the document.
pub(crate) fn finish<'a>(
    mut output: Output<'a>,
    tree: Number,
    pages: &[Number],
    entries: &[u8],
) -> Result<Document<'a>, Error> {
    let kids: Vec<String> = pages.iter().map(ToString::to_string).collect();
    let node = format!(
        "<< /Type /Pages /Kids [{}] /Count {} >>",
        kids.join(" "),
        pages.len()
    );
    output.put(tree, node.as_bytes());
    let mut catalog = format!("<< /Type /Catalog /Pages {tree} /Lang (fr) ").into_bytes();
    catalog.extend_from_slice(entries);
    catalog.extend_from_slice(b" >>");
    let catalog = output.add(&catalog)?;
    Ok(Document {
        pages: u32::try_from(pages.len()).map_err(|_cause| Error::TooManyPages)?,
        parts: output.finish(catalog)?,
    })
}
