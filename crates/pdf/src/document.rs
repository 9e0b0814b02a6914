//! A finished document, and how one ends.

use std::borrow::Cow;
use std::io::{self, Write};

use lopdf::{Dictionary, Object, dictionary};

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

/// Writes the tree of pages and the catalog, which has some entries already, and ends the document.
pub(crate) fn finish<'a>(
    mut output: Output<'a>,
    tree: Number,
    pages: &[Number],
    mut catalog: Dictionary,
) -> Result<Document<'a>, Error> {
    let count = u32::try_from(pages.len()).map_err(|_cause| Error::TooManyPages)?;
    let kids: Vec<Object> = pages.iter().copied().map(Object::from).collect();
    let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    output.put(tree, &node.into())?;
    catalog.set("Type", "Catalog");
    catalog.set("Pages", tree);
    catalog.set("Lang", Object::string_literal("fr"));
    let catalog = output.add(catalog)?;
    Ok(Document {
        pages: count,
        parts: output.finish(catalog)?,
    })
}
