//! The copies of a class in one document, as a scanner with a feeder delivers them.

use lopdf::{Document, Error, Object, dictionary};

/// One document with the pages of all of these, one copy after the other.
#[expect(
    clippy::disallowed_methods,
    reason = "these are our own, drawn a moment ago, and no document that somebody sent"
)]
pub fn bound(copies: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let mut class = Document::with_version("1.7");
    let tree = class.new_object_id();
    let mut kids = Vec::new();
    for copy in copies {
        let mut copy = Document::load_mem(copy)?;
        copy.renumber_objects_with(class.max_id + 1);
        class.max_id = copy.max_id;
        for page in copy.get_pages().into_values() {
            copy.get_object_mut(page)?.as_dict_mut()?.set("Parent", tree);
            kids.push(Object::Reference(page));
        }
        class.objects.append(&mut copy.objects);
    }
    let count = i64::try_from(kids.len()).unwrap_or(i64::MAX);
    let pages = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    class.objects.insert(tree, Object::Dictionary(pages));
    let catalog = class.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    class.trailer.set("Root", catalog);
    // What held the pages of the single copies.
    class.prune_objects();
    let mut bytes = Vec::new();
    class.save_to(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::scans::Scan;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it is our own")]
    fn all_pages_are_there_in_order_and_nothing_else() {
        let copies = [(2, 1), (1, 2)].map(|(pages, seed)| Scan {
            pages,
            seed,
            dpi: 30,
            colour: false,
        });
        let documents = copies.map(|copy| copy.document().unwrap());
        let class = Document::load_mem(&bound(&documents).unwrap()).unwrap();
        let pictures = |document: &Document| {
            let pages = document.get_pages();
            let of = |page| {
                let images = document.get_page_images(page).unwrap();
                images
                    .iter()
                    .map(|image| image.content.to_vec())
                    .collect::<Vec<_>>()
            };
            pages.into_values().flat_map(of).collect::<Vec<_>>()
        };
        let single = documents.iter().map(|copy| Document::load_mem(copy).unwrap());
        let expected: Vec<_> = single.flat_map(|copy| pictures(&copy)).collect();
        assert_eq!(expected.len(), 3);
        assert!(pictures(&class) == expected);
    }
}
