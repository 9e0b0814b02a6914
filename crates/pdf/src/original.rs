//! Pages of a document as they are, written into another one.

use std::collections::HashMap;

use hayro::hayro_syntax::content::UntypedIter;
use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream};
use hayro::hayro_syntax::page::Page;
use lopdf::{Dictionary, dictionary};

use crate::carry::Carrier;
use crate::document::{self, Document};
use crate::error::Error;
use crate::geometry::Geometry;
use crate::layers::Layers;
use crate::output::{Number, Output};
use crate::source::Source;
use crate::{content, look};

/// Nodes above a page, at most.
const HIGHEST: usize = 64;
/// Under this name, and a number that is free, a page has the layer over it.
const LAYER: &str = "Korrigo";

/// Pages on their way from one document into one output.
pub(crate) struct Pages<'a> {
    source: &'a Source,
    carrier: Carrier<'a>,
    /// What stands before and after the content of pages, by its text.
    brackets: HashMap<String, Number>,
}

impl<'a> Pages<'a> {
    /// The pages' way into one output.
    pub(crate) fn of(source: &'a Source) -> Self {
        Self {
            source,
            carrier: Carrier::new(source.pdf()),
            brackets: HashMap::new(),
        }
    }

    /// Writes a page below `tree`, with a layer over it.
    pub(crate) fn write(
        &mut self,
        page: &'a Page<'a>,
        geometry: &Geometry,
        layer: Option<Number>,
        (output, tree): (&mut Output<'a>, Number),
    ) -> Result<Number, Error> {
        content::check(page, self.source.limits().max_decoded_bytes)?;
        let resources = resources(page.raw());
        let layer = layer.map(|layer| (free_name(&resources), layer));
        let name = layer.as_ref().map(|(name, _)| name.as_str());
        let mut entries = geometry.entries();
        entries.set("Type", "Page");
        entries.set("Parent", tree);
        entries.set("Contents", self.contents(page, name, output)?);
        entries.set("Resources", self.resources(&resources, layer, output)?);
        if let Some(group) = page.raw().get_raw::<Object<'_>>("Group") {
            entries.set("Group", self.carrier.value(&group, output)?);
        }
        entries.set("Annots", self.annotations(page.raw(), output)?);
        output.add(entries)
    }

    /// Writes what the pages refer to. Returns what the catalog needs for them to look as they did.
    pub(crate) fn finish(mut self, output: &mut Output<'a>) -> Result<Dictionary, Error> {
        let mut entries = Dictionary::new();
        let xref = self.source.pdf().xref();
        let catalog = xref.get::<Dict<'_>>(xref.root_id());
        // Which layers of a drawing are shown.
        if let Some(layers) = catalog.and_then(|catalog| catalog.get_raw::<Object<'_>>("OCProperties")) {
            entries.set("OCProperties", self.carrier.value(&layers, output)?);
        }
        self.carrier.finish(output)?;
        Ok(entries)
    }

    /// The same where there are several documents: what each of them needs is told by `layers`.
    fn finish_among(mut self, layers: &mut Layers, output: &mut Output<'a>) -> Result<(), Error> {
        layers.add(self.source.pdf(), &mut self.carrier, output)?;
        self.carrier.finish(output)
    }

    /// The content as it is; with a layer, between brackets that undo whatever the content leaves behind.
    fn contents(
        &mut self,
        page: &'a Page<'a>,
        layer: Option<&str>,
        output: &mut Output<'a>,
    ) -> Result<Vec<lopdf::Object>, Error> {
        let mut contents = Vec::new();
        let balance = Balance::of(page);
        if layer.is_some() {
            let before = "q ".repeat(balance.missing + 1);
            contents.push(self.bracket(&before, output)?.into());
        }
        let parts = page.raw().get::<Array<'_>>("Contents");
        let only = page.raw().get_raw::<Object<'_>>("Contents");
        for part in parts.iter().flat_map(Array::raw_iter).chain(only) {
            if is_stream(self.source, &part) {
                contents.push(self.carrier.value(&part, output)?);
            }
        }
        if let Some(layer) = layer {
            let undo = "Q ".repeat(balance.missing + balance.open + 1);
            let after = self.bracket(&format!("{undo}q /{layer} Do Q"), output)?;
            contents.push(after.into());
        }
        Ok(contents)
    }

    fn bracket(&mut self, text: &str, output: &mut Output<'a>) -> Result<Number, Error> {
        if let Some(known) = self.brackets.get(text) {
            return Ok(*known);
        }
        let number = output.add_stream(Dictionary::new(), text.as_bytes().to_vec())?;
        self.brackets.insert(text.to_owned(), number);
        Ok(number)
    }

    fn resources(
        &mut self,
        resources: &Dict<'a>,
        layer: Option<(String, Number)>,
        output: &mut Output<'a>,
    ) -> Result<Dictionary, Error> {
        let mut entries = self.carrier.entries(resources, &[b"XObject"], output)?;
        let mut painted = self.carrier.entries(&painted(resources), &[], output)?;
        if let Some((name, layer)) = layer {
            painted.set(name, layer);
        }
        entries.set("XObject", painted);
        Ok(entries)
    }

    /// What annotations of the source look like, and nothing of what they say or do.
    fn annotations(&mut self, page: &Dict<'a>, output: &mut Output<'a>) -> Result<Vec<lopdf::Object>, Error> {
        let mut shown = Vec::new();
        for annotation in annotations(self.source, page) {
            let (place, look) = if let Some((place, look)) = look(self.source, &annotation) {
                (
                    self.carrier.value(&place, output)?,
                    self.carrier.value(&look, output)?,
                )
            } else if let Some(look) = look::of(&annotation) {
                let form = output.add_stream(look.entries, look.content.content()?.to_vec())?;
                (look.place.into(), form.into())
            } else {
                continue;
            };
            // It only shows something.
            let mut stamp = dictionary! {
                "Type" => "Annot",
                "Subtype" => "Stamp",
                "Rect" => place,
                "AP" => dictionary! { "N" => look },
            };
            for key in ["F", "OC"] {
                if let Some(value) = annotation.get_raw::<Object<'_>>(key) {
                    stamp.set(key, self.carrier.value(&value, output)?);
                }
            }
            shown.push(stamp.into());
        }
        Ok(shown)
    }
}

/// Writes what the pages of one document or several refer to. Returns what the catalog needs for them to look as they
/// did.
pub(crate) fn finish<'a>(mut all: Vec<Pages<'a>>, output: &mut Output<'a>) -> Result<Dictionary, Error> {
    if all.len() == 1
        && let Some(only) = all.pop()
    {
        return only.finish(output);
    }
    let mut layers = Layers::default();
    for pages in all {
        pages.finish_among(&mut layers, output)?;
    }
    Ok(layers.entries())
}

/// The page as a document of its own, if there are annotations on it whose looks have to be drawn first.
pub(crate) fn with_looks<'a>(source: &'a Source, page: &'a Page<'a>) -> Option<Result<Document<'a>, Error>> {
    let mut annotations = annotations(source, page.raw());
    let is_missing = |annotation| look(source, &annotation).is_none() && look::of(&annotation).is_some();
    annotations.any(is_missing).then(|| alone(source, page))
}

fn alone<'a>(source: &'a Source, page: &'a Page<'a>) -> Result<Document<'a>, Error> {
    let mut output = Output::new();
    let tree = output.reserve()?;
    let mut pages = Pages::of(source);
    let page = pages.write(page, &Geometry::of(page), None, (&mut output, tree))?;
    let catalog = pages.finish(&mut output)?;
    document::finish(output, tree, &[page], catalog)
}

/// The annotations of a page that are there.
fn annotations<'a>(source: &'a Source, page: &Dict<'a>) -> impl Iterator<Item = Dict<'a>> {
    let annotations = page.get::<Array<'_>>("Annots");
    let annotations = annotations
        .into_iter()
        .flat_map(|annotations| annotations.raw_iter());
    annotations.filter_map(|annotation| match annotation {
        MaybeRef::Ref(reference) => source.pdf().xref().get::<Dict<'_>>(reference.into()),
        MaybeRef::NotRef(object) => object.into_dict(),
    })
}

/// The rectangle and the normal appearance of an annotation: its only one, or that of its state.
fn look<'a>(
    source: &'a Source,
    annotation: &Dict<'a>,
) -> Option<(MaybeRef<Object<'a>>, MaybeRef<Object<'a>>)> {
    let place = annotation.get_raw::<Object<'_>>("Rect")?;
    let looks = annotation.get::<Dict<'_>>("AP")?;
    let normal = looks.get_raw::<Object<'_>>("N")?;
    if is_stream(source, &normal) {
        return Some((place, normal));
    }
    let states = looks.get::<Dict<'_>>("N")?;
    let of_state = |state: &[u8]| {
        let look = states.get_raw::<Object<'_>>(state);
        look.filter(|look| is_stream(source, look))
    };
    let state = annotation.get::<Name<'_>>("AS");
    // A button that does not say whether it is on is shown as off.
    let normal = state
        .and_then(|state| of_state(&state))
        .or_else(|| of_state(b"Off"))?;
    Some((place, normal))
}

fn is_stream<'a>(source: &'a Source, value: &MaybeRef<Object<'a>>) -> bool {
    let stream = |reference| {
        source
            .pdf()
            .xref()
            .get::<Stream<'_>>(ObjectIdentifier::from(reference))
    };
    value.as_obj_ref().and_then(stream).is_some()
}

/// The resources of a page, or of the nearest node above it that has some.
fn resources<'a>(page: &Dict<'a>) -> Dict<'a> {
    let above = std::iter::successors(Some(page.clone()), |node| node.get::<Dict<'_>>("Parent"));
    let mut resources = above
        .take(HIGHEST)
        .filter_map(|node| node.get::<Dict<'_>>("Resources"));
    resources.next().unwrap_or_default()
}

/// What a page can paint by name.
fn painted<'a>(resources: &Dict<'a>) -> Dict<'a> {
    resources.get::<Dict<'_>>("XObject").unwrap_or_default()
}

/// A name that the page paints nothing else under: it may have been corrected before.
fn free_name(resources: &Dict<'_>) -> String {
    let painted = painted(resources);
    let mut names = (0..).map(|number: u32| format!("{LAYER}{number}"));
    names.find(|name| !painted.contains_key(name)).unwrap_or_default()
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
