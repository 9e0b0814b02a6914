//! A finished document, and how one ends.

use crate::error::Error;
use crate::output::{Number, Output};

/// A finished document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many pages it has.
    pub pages: u32,
}

/// Writes the tree of pages and the catalog, and ends the document.
pub(crate) fn finish(
    mut output: Output,
    tree: Number,
    pages: &[Number],
    entries: &[u8],
) -> Result<Document, Error> {
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
        bytes: output.finish(catalog)?,
    })
}
