//! Pages bound into a document: a page tree of one level.

use korrigo::demo::objects::Objects;

/// One page to be bound.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaf {
    /// Entries of the page's dictionary beyond its type, parent and content.
    pub(super) entries: String,
    pub(super) content: Vec<u8>,
    /// Entries of the content stream's dictionary: how it is packed.
    pub(super) packing: String,
    /// The image that the content may paint as `/Im0`: its dictionary and its data.
    pub(super) image: Option<(String, Vec<u8>)>,
}

impl Leaf {
    pub(super) fn new(entries: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self {
            entries: entries.into(),
            content: content.into(),
            ..Self::default()
        }
    }
}

/// Binds the pages. `inherited` are entries of the node above them.
pub(super) fn bind(leaves: &[Leaf], inherited: &str) -> Vec<u8> {
    let mut objects = Objects::default();
    let catalog = objects.add("<< /Type /Catalog /Pages 2 0 R >>");
    let kids: Vec<String> = (0..leaves.len())
        .map(|index| format!("{} 0 R", 3 + 3 * index))
        .collect();
    objects.add(format!(
        "<< /Type /Pages /Kids [{}] /Count {} {inherited} >>",
        kids.join(" "),
        leaves.len()
    ));
    for leaf in leaves {
        let number = objects.next();
        let resources = match leaf.image {
            Some(_) => format!("/Resources << /XObject << /Im0 {} 0 R >> >>", number + 2),
            None => String::new(),
        };
        objects.add(format!(
            "<< /Type /Page /Parent 2 0 R /Contents {} 0 R {resources} {} >>",
            number + 1,
            leaf.entries
        ));
        objects.stream(&leaf.packing, &leaf.content);
        match &leaf.image {
            Some((entries, data)) => {
                objects.stream(&format!("/Type /XObject /Subtype /Image {entries}"), data)
            }
            None => objects.add("null"),
        };
    }
    objects.finish(&format!("/Root {catalog} 0 R"))
}
