//! Pages of a document as they are, written into another one.

use std::collections::HashMap;

use hayro::hayro_syntax::content::UntypedIter;
use hayro::hayro_syntax::page::Page;
use lopdf::{Dictionary, Document, LoadOptions, Object};

use crate::carry::Carrier;
use crate::content;
use crate::error::Error;
use crate::geometry::Geometry;
use crate::limits::Limits;
use crate::output::{Number, Output};

/// Nodes above a page, at most.
const HIGHEST: usize = 64;
/// What a page shows, beside its content and its boxes.
const GROUP: &[u8] = b"Group";
/// Under this name, and a number that is free, a page has the layer over it.
const LAYER: &str = "Korrigo";

/// A document whose objects can be carried over.
pub(crate) struct Original {
    document: Document,
    limits: Limits,
}

impl Original {
    /// Reads every object. `None` if that does not work, though the pages may be readable.
    pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Option<Self> {
        let options = LoadOptions {
            max_decompressed_size: usize::try_from(limits.max_decoded_bytes).ok(),
            ..LoadOptions::default()
        };
        let document = Document::load_mem_with_options(bytes, options).ok()?;
        (!document.is_encrypted()).then_some(Self {
            document,
            limits: *limits,
        })
    }

    /// The pages' way into one output.
    pub(crate) fn pages(&self) -> Pages<'_> {
        Pages {
            original: self,
            carrier: Carrier::new(&self.document),
            brackets: HashMap::new(),
        }
    }

    /// The dictionary of a page that the engine knows.
    fn find(&self, page: &Page<'_>) -> Result<&Dictionary, Error> {
        let id = page.raw().obj_id().ok_or(Error::Invalid)?;
        let generation = u16::try_from(id.gen_number).map_err(|_cause| Error::Invalid)?;
        self.document
            .get_dictionary((id.obj_number, generation))
            .map_err(|_cause| Error::Invalid)
    }

    fn resolve<'a>(&'a self, object: &'a Object) -> Option<&'a Object> {
        self.document.dereference(object).map(|(_, object)| object).ok()
    }

    fn dict<'a>(&'a self, of: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
        self.resolve(of.get(key).ok()?)?.as_dict().ok()
    }

    /// The resources of a page, or of the nearest node above it that has some.
    fn resources<'a>(&'a self, page: &'a Dictionary) -> Option<&'a Dictionary> {
        let above = std::iter::successors(Some(page), |node| self.dict(node, b"Parent"));
        above.take(HIGHEST).find_map(|node| self.dict(node, b"Resources"))
    }
}

/// Pages on their way from one document into one output.
pub(crate) struct Pages<'a> {
    original: &'a Original,
    carrier: Carrier<'a>,
    /// What stands before and after the content of pages, by its text.
    brackets: HashMap<String, Number>,
}

impl<'a> Pages<'a> {
    /// Writes a page below `tree`, with a layer over it.
    pub(crate) fn write(
        &mut self,
        page: &Page<'_>,
        geometry: &Geometry,
        layer: Option<Number>,
        (output, tree): (&mut Output, Number),
    ) -> Result<Number, Error> {
        content::check(page, self.original.limits.max_decoded_bytes)?;
        let original: &'a Original = self.original;
        let dict = original.find(page)?;
        let mut body = format!("<< /Type /Page /Parent {tree} {}", geometry.entries()).into_bytes();
        let layer = layer.map(|layer| (self.free_name(dict), layer));
        let name = layer.as_ref().map(|(name, _)| name.as_str());
        self.contents(page, dict, name, (&mut *output, &mut body))?;
        self.resources(dict, layer.as_ref(), (&mut *output, &mut body))?;
        if let Ok(group) = dict.get(GROUP) {
            body.extend_from_slice(b" /Group ");
            self.carrier.value(group, output, &mut body)?;
        }
        self.annotations(dict, (&mut *output, &mut body))?;
        body.extend_from_slice(b" >>");
        output.add(&body)
    }

    /// Writes what the pages refer to. Returns what the catalog needs for them to look as they did.
    pub(crate) fn finish(mut self, output: &mut Output) -> Result<Vec<u8>, Error> {
        let mut entries = Vec::new();
        let catalog = self.original.document.catalog().ok();
        // Which layers of a drawing are shown.
        if let Some(layers) = catalog.and_then(|catalog| catalog.get(b"OCProperties").ok()) {
            entries.extend_from_slice(b"/OCProperties ");
            self.carrier.value(layers, output, &mut entries)?;
        }
        self.carrier.finish(output)?;
        Ok(entries)
    }

    /// The content as it is; with a layer, between brackets that undo whatever the content leaves behind.
    fn contents(
        &mut self,
        page: &Page<'_>,
        dict: &Dictionary,
        layer: Option<&str>,
        (output, body): (&mut Output, &mut Vec<u8>),
    ) -> Result<(), Error> {
        body.extend_from_slice(b" /Contents [");
        let balance = Balance::of(page);
        if layer.is_some() {
            let before = self.bracket(&"q ".repeat(balance.missing + 1), output)?;
            body.extend_from_slice(format!("{before} ").as_bytes());
        }
        let contents = dict.get(b"Contents").ok();
        match contents.and_then(|contents| self.original.resolve(contents)) {
            Some(Object::Array(parts)) => {
                for part in parts.iter().filter(|part| part.as_reference().is_ok()) {
                    self.carrier.value(part, output, body)?;
                    body.push(b' ');
                }
            }
            Some(Object::Stream(_)) => {
                if let Some(contents) = contents {
                    self.carrier.value(contents, output, body)?;
                }
            }
            Some(_) | None => {}
        }
        if let Some(layer) = layer {
            let undo = "Q ".repeat(balance.missing + balance.open + 1);
            let after = self.bracket(&format!("{undo}q /{layer} Do Q"), output)?;
            body.extend_from_slice(format!(" {after}").as_bytes());
        }
        body.extend_from_slice(b"]");
        Ok(())
    }

    fn bracket(&mut self, text: &str, output: &mut Output) -> Result<Number, Error> {
        if let Some(known) = self.brackets.get(text) {
            return Ok(*known);
        }
        let number = output.add_stream(b"", text.as_bytes())?;
        self.brackets.insert(text.to_owned(), number);
        Ok(number)
    }

    fn resources(
        &mut self,
        dict: &Dictionary,
        layer: Option<&(String, Number)>,
        (output, body): (&mut Output, &mut Vec<u8>),
    ) -> Result<(), Error> {
        let empty = Dictionary::new();
        let resources = self.original.resources(dict).unwrap_or(&empty);
        let painted = self.original.dict(resources, b"XObject").unwrap_or(&empty);
        body.extend_from_slice(b" /Resources << ");
        self.carrier.entries(resources, &[b"XObject"], output, body)?;
        body.extend_from_slice(b"/XObject << ");
        self.carrier.entries(painted, &[], output, body)?;
        if let Some((name, layer)) = layer {
            body.extend_from_slice(format!("/{name} {layer} ").as_bytes());
        }
        body.extend_from_slice(b">> >>");
        Ok(())
    }

    /// A name that the page paints nothing else under: it may have been corrected before.
    fn free_name(&self, dict: &Dictionary) -> String {
        let resources = self.original.resources(dict);
        let painted = resources.and_then(|resources| self.original.dict(resources, b"XObject"));
        let is_free = |name: &String| painted.is_none_or(|painted| !painted.has(name.as_bytes()));
        let mut names = (0..).map(|number: u32| format!("{LAYER}{number}"));
        names.find(is_free).unwrap_or_default()
    }

    /// What annotations of the source look like, and nothing of what they say or do.
    fn annotations(
        &mut self,
        dict: &'a Dictionary,
        (output, body): (&mut Output, &mut Vec<u8>),
    ) -> Result<(), Error> {
        let annotations = dict.get(b"Annots").ok();
        let annotations = annotations.and_then(|annotations| self.original.resolve(annotations));
        let Some(Object::Array(annotations)) = annotations else {
            return Ok(());
        };
        body.extend_from_slice(b" /Annots [");
        for annotation in annotations {
            let Some(Object::Dictionary(annotation)) = self.original.resolve(annotation) else {
                continue;
            };
            if let Some((place, look)) = self.look(annotation) {
                body.extend_from_slice(b"<< /Type /Annot /Subtype /Stamp /Rect ");
                self.carrier.value(place, output, body)?;
                body.extend_from_slice(b" /AP << /N ");
                self.carrier.value(look, output, body)?;
                body.extend_from_slice(b" >> ");
                for key in [&b"F"[..], b"OC"] {
                    if let Ok(value) = annotation.get(key) {
                        let key = String::from_utf8_lossy(key);
                        body.extend_from_slice(format!("/{key} ").as_bytes());
                        self.carrier.value(value, output, body)?;
                        body.push(b' ');
                    }
                }
                body.extend_from_slice(b">> ");
            }
        }
        body.extend_from_slice(b"]");
        Ok(())
    }

    /// The rectangle and the normal appearance of an annotation: its only one, or that of its state.
    fn look(&self, annotation: &'a Dictionary) -> Option<(&'a Object, &'a Object)> {
        let place = annotation.get(b"Rect").ok()?;
        let looks = self.original.dict(annotation, b"AP")?;
        let normal = looks.get(b"N").ok()?;
        match self.original.resolve(normal)? {
            Object::Stream(_) => Some((place, normal)),
            Object::Dictionary(states) => {
                let state = annotation.get(b"AS").and_then(Object::as_name).ok()?;
                Some((place, states.get(state).ok()?))
            }
            Object::Null
            | Object::Boolean(_)
            | Object::Integer(_)
            | Object::Real(_)
            | Object::Name(_)
            | Object::String(..)
            | Object::Array(_)
            | Object::Reference(_) => None,
        }
    }
}

/// How the saving and restoring of states in a page's content works out.
struct Balance {
    /// States that are restored without having been saved.
    missing: usize,
    /// States that are saved and never restored.
    open: usize,
}

impl Balance {
    fn of(page: &Page<'_>) -> Self {
        let (mut missing, mut open) = (0, 0_usize);
        let mut instructions = UntypedIter::new(page.page_stream().unwrap_or_default());
        while let Some(instruction) = instructions.next() {
            let operator: &[u8] = instruction.operator;
            match operator {
                b"q" => open += 1,
                b"Q" => match open.checked_sub(1) {
                    Some(fewer) => open = fewer,
                    None => missing += 1,
                },
                _ => {}
            }
        }
        Self { missing, open }
    }
}
