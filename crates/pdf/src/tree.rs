//! The page tree, walked so that no page can get lost.
//!
//! The engine below keeps its own list of pages and passes over what it cannot read; here every entry of the tree
//! is accounted for: it is a page the engine knows, or the document is refused. An entry that appears twice is two
//! pages, as in any reader.

use std::collections::HashMap;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::array::ArrayIter;
use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};

use crate::error::Error;
use crate::number;

/// A tree may have this many nodes for every page it is allowed, so that a tree without leaves ends too.
const NODES_PER_PAGE: usize = 16;

/// For every page of the document, in order, its place in the engine's list.
pub(crate) fn pages(pdf: &Pdf, max_pages: u32) -> Result<Vec<usize>, Error> {
    let catalog = pdf
        .xref()
        .get::<Dict<'_>>(pdf.xref().root_id())
        .ok_or(Error::Invalid)?;
    let root = catalog.get::<Dict<'_>>("Pages").ok_or(Error::Invalid)?;
    let mut walk = Walk {
        pdf,
        max_pages: number::length(max_pages),
        known: HashMap::new(),
        distinct: 0,
        pages: Vec::new(),
    };
    walk.run(&root)?;
    if walk.distinct != pdf.pages().len() {
        return Err(Error::Invalid);
    }
    if walk.pages.is_empty() {
        return Err(Error::Empty);
    }
    Ok(walk.pages)
}

struct Walk<'a> {
    pdf: &'a Pdf,
    max_pages: usize,
    /// What the engine lists once, however often the tree names it.
    known: HashMap<ObjectIdentifier, usize>,
    distinct: usize,
    pages: Vec<usize>,
}

struct Node<'a> {
    id: Option<ObjectIdentifier>,
    kids: ArrayIter<'a>,
}

impl<'a> Walk<'a> {
    fn run(&mut self, root: &Dict<'a>) -> Result<(), Error> {
        let kids = root.get::<Array<'_>>("Kids").ok_or(Error::Invalid)?;
        let mut path = vec![Node {
            id: root.obj_id(),
            kids: kids.raw_iter(),
        }];
        let mut nodes = self.max_pages.saturating_mul(NODES_PER_PAGE);
        while let Some(node) = path.last_mut() {
            let Some(kid) = node.kids.next() else {
                path.pop();
                continue;
            };
            nodes = nodes.checked_sub(1).ok_or(Error::TooManyPages)?;
            let (id, dict) = self.resolve(kid)?;
            if is_inner(&dict)? {
                if path.iter().any(|node| node.id.is_some() && node.id == id) {
                    return Err(Error::Invalid);
                }
                if let Some(kids) = dict.get::<Array<'_>>("Kids") {
                    path.push(Node {
                        id,
                        kids: kids.raw_iter(),
                    });
                }
            } else {
                self.leaf(id)?;
            }
        }
        Ok(())
    }

    fn resolve(&self, kid: MaybeRef<Object<'a>>) -> Result<(Option<ObjectIdentifier>, Dict<'a>), Error> {
        let (id, dict) = match kid {
            MaybeRef::Ref(reference) => {
                let id = ObjectIdentifier::from(reference);
                (Some(id), self.pdf.xref().get::<Dict<'_>>(id))
            }
            MaybeRef::NotRef(object) => (None, object.into_dict()),
        };
        dict.map(|dict| (id, dict)).ok_or(Error::UnreadablePage)
    }

    fn leaf(&mut self, id: Option<ObjectIdentifier>) -> Result<(), Error> {
        if self.pages.len() >= self.max_pages {
            return Err(Error::TooManyPages);
        }
        let next = self.distinct;
        let place = match id {
            Some(id) => *self.known.entry(id).or_insert(next),
            None => next,
        };
        if place == next {
            self.distinct += 1;
        }
        self.pages.push(place);
        Ok(())
    }
}

/// Whether the entry holds further entries. One that looks like both would be read differently by different readers.
fn is_inner(dict: &Dict<'_>) -> Result<bool, Error> {
    match dict.get::<Name<'_>>("Type").as_deref() {
        Some(b"Pages") => Ok(true),
        Some(b"Page") => Ok(false),
        Some(_) | None if dict.contains_key("Kids") => Err(Error::Invalid),
        Some(_) | None => Ok(false),
    }
}
