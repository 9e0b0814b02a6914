//! A copy with everything that correctors gave it, as one document.

use domain::IdentityZone;
use domain::PageIndex;
use lopdf::{Dictionary, Object, dictionary};

use crate::canvas::{self, Area, Canvas};
use crate::correction::{Annotation, Correction, SourcePage};
use crate::document::{self, Document};
use crate::error::Error;
use crate::geometry::Geometry;
use crate::original::{self, Pages};
use crate::output::{Number, Output};
use crate::overlay::{self, Numbered};
use crate::rendering::Rendering;
use crate::report;
use crate::source::Source;
use crate::text::Fonts;
use crate::{number, picture};

/// A corrected copy: laid out, ready to be bound.
pub struct Corrected<'a> {
    sources: &'a [Source],
    correction: &'a Correction,
    fonts: Fonts,
    /// For every page of the copy what is drawn over it.
    layers: Vec<Canvas>,
    report: Vec<Canvas>,
}

impl<'a> Corrected<'a> {
    /// Lays everything out. A page or an annotation of a page that is not there is an error: nothing is left out.
    pub fn new(sources: &'a [Source], correction: &'a Correction) -> Result<Self, Error> {
        if correction.pages.is_empty() {
            return Err(Error::Empty);
        }
        let numbered = numbered(correction)?;
        let mut fonts = Fonts::new()?;
        let mut layers = Vec::with_capacity(correction.pages.len());
        for (place, page) in (0..).zip(&correction.pages) {
            let source = source(sources, *page)?;
            source.page(page.page)?;
            let size = Geometry::of(source.find(page.page)?).displayed();
            let here = numbered
                .iter()
                .filter(|numbered| numbered.annotation.page == place);
            layers.push(overlay::draw(
                &mut fonts,
                size,
                &here.copied().collect::<Vec<_>>(),
            ));
        }
        let report = report::write(&mut fonts, correction, &numbered);
        Ok(Self {
            sources,
            correction,
            fonts,
            layers,
            report,
        })
    }

    /// The document with the original pages. If the objects of a damaged source cannot be carried over, its pages are
    /// painted instead.
    pub fn document(&self) -> Result<Document<'a>, Error> {
        match self.with_pages() {
            Err(Error::Invalid) => self.with_images(None, &Rendering::default()),
            outcome => outcome,
        }
    }

    /// The document for those who must not know who wrote the copy: its pages are images without the pixels of the
    /// zone, and nothing of the source is in it but those pixels.
    pub fn anonymous(&self, zone: &IdentityZone, rendering: &Rendering) -> Result<Document<'a>, Error> {
        self.with_images(Some(zone), rendering)
    }

    fn with_pages(&self) -> Result<Document<'a>, Error> {
        let mut binding = Binding::new(&self.fonts)?;
        let mut originals: Vec<Pages<'_>> = self.sources.iter().map(Pages::of).collect();
        for (page, layer) in self.correction.pages.iter().zip(&self.layers) {
            let pages = originals.get_mut(page.source).ok_or(Error::NoSuchPage)?;
            let page = source(self.sources, *page)?.find(page.page)?;
            let geometry = Geometry::of(page);
            let layer = binding.layer(layer, geometry.displayed(), geometry.matrix())?;
            let target = (&mut binding.output, binding.tree);
            let number = pages.write(page, &geometry, layer, target)?;
            binding.pages.push(number);
        }
        let catalog = original::finish(originals, &mut binding.output)?;
        binding.finish(&self.report, catalog)
    }

    fn with_images(&self, zone: Option<&IdentityZone>, rendering: &Rendering) -> Result<Document<'a>, Error> {
        let mut binding = Binding::new(&self.fonts)?;
        for (page, layer) in self.correction.pages.iter().zip(&self.layers) {
            let source = source(self.sources, *page)?;
            let page = page.page;
            // The first page of each source was the first of a copy, and says who wrote it.
            let zone = zone.filter(|zone| PageIndex::new(page).is_none_or(|place| zone.covers(place)));
            let image = match zone {
                Some(zone) => source.redact(page, rendering, zone)?.display,
                None => source.rasterize(page, rendering)?.display,
            };
            let size = Geometry::of(source.find(page)?).displayed();
            let image = picture::write(image, &mut binding.output)?;
            let upright = [1.0, 0.0, 0.0, -1.0, 0.0, size.1].map(length);
            let layer = binding.layer(layer, size, upright.into())?;
            binding.image_page(size, image, layer)?;
        }
        binding.finish(&self.report, Dictionary::new())
    }
}

fn source(sources: &[Source], page: SourcePage) -> Result<&Source, Error> {
    sources.get(page.source).ok_or(Error::NoSuchPage)
}

/// The annotations in the order of reading, those with something to read with their numbers.
fn numbered(correction: &Correction) -> Result<Vec<Numbered<'_>>, Error> {
    let is_there = |annotation: &Annotation| number::length(annotation.page) < correction.pages.len();
    if !correction.annotations.iter().all(is_there) {
        return Err(Error::NoSuchPage);
    }
    let mut annotations: Vec<&Annotation> = correction.annotations.iter().collect();
    annotations.sort_by(|one, other| {
        let by_page = one.page.cmp(&other.page);
        by_page.then_with(|| one.place.y.total_cmp(&other.place.y))
    });
    let mut numbers = 1..;
    let numbered = annotations.into_iter().map(|annotation| Numbered {
        annotation,
        number: annotation.is_listed().then(|| numbers.next()).flatten(),
    });
    Ok(numbered.collect())
}

/// A document that is being bound.
struct Binding<'a> {
    output: Output<'a>,
    tree: Number,
    /// What layers and report need to be shown.
    resources: Number,
    pages: Vec<Number>,
}

impl<'a> Binding<'a> {
    fn new(fonts: &Fonts) -> Result<Self, Error> {
        let mut output = Output::new();
        let tree = output.reserve()?;
        let fonts = fonts.embed(&mut output)?;
        let resources = output.add(dictionary! { "Font" => fonts, "ExtGState" => canvas::states() })?;
        Ok(Self {
            output,
            tree,
            resources,
            pages: Vec::new(),
        })
    }

    /// What is drawn over a page, if there is anything.
    fn layer(
        &mut self,
        canvas: &Canvas,
        (width, height): (f64, f64),
        matrix: Vec<Object>,
    ) -> Result<Option<Number>, Error> {
        if canvas.is_empty() {
            return Ok(None);
        }
        let entries = dictionary! {
            "Type" => "XObject",
            "Subtype" => "Form",
            "BBox" => area(width, height),
            "Matrix" => matrix,
            "Resources" => self.resources,
        };
        self.output.add_packed(entries, canvas.content()?).map(Some)
    }

    fn image_page(&mut self, size: (f64, f64), image: Number, layer: Option<Number>) -> Result<(), Error> {
        let mut canvas = Canvas::default();
        let whole = Area {
            x: 0.0,
            y: 0.0,
            w: size.0,
            h: size.1,
        };
        canvas.paint("Im", Some(whole));
        let mut painted = dictionary! { "Im" => image };
        if let Some(layer) = layer {
            canvas.paint("Korrigo", None);
            painted.set("Korrigo", layer);
        }
        let content = self
            .output
            .add_stream(Dictionary::new(), canvas.content()?.to_vec())?;
        self.page(size, content, dictionary! { "XObject" => painted }.into())
    }

    fn page(&mut self, size: (f64, f64), content: Number, resources: Object) -> Result<(), Error> {
        let page = self.output.add(dictionary! {
            "Type" => "Page",
            "Parent" => self.tree,
            "MediaBox" => area(size.0, size.1),
            "Contents" => content,
            "Resources" => resources,
        })?;
        self.pages.push(page);
        Ok(())
    }

    /// Adds the report and ends the document, whose catalog has some entries already.
    fn finish(mut self, report: &[Canvas], catalog: Dictionary) -> Result<Document<'a>, Error> {
        for sheet in report {
            let content = self.output.add_packed(Dictionary::new(), sheet.content()?)?;
            self.page(report::PAPER, content, self.resources.into())?;
        }
        document::finish(self.output, self.tree, &self.pages, catalog)
    }
}

/// A box that begins in the origin.
fn area(width: f64, height: f64) -> Vec<Object> {
    [0.0, 0.0, width, height].map(length).into()
}

fn length(points: f64) -> Object {
    number::rounded(points, 4)
}
