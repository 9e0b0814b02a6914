//! A copy with everything that correctors gave it, as one document.

use domain::IdentityZone;
use domain::PageIndex;

use crate::canvas::{Canvas, STATES, decimal};
use crate::correction::{Annotation, Correction};
use crate::document::{self, Document};
use crate::error::Error;
use crate::geometry::Geometry;
use crate::original::Pages;
use crate::output::{Number, Output};
use crate::overlay::{self, Numbered};
use crate::picture;
use crate::rendering::Rendering;
use crate::report;
use crate::source::Source;
use crate::text::Fonts;

/// A corrected copy: laid out, ready to be bound.
pub struct Corrected<'a> {
    source: &'a Source,
    correction: &'a Correction,
    fonts: Fonts,
    /// For every page of the copy what is drawn over it.
    layers: Vec<Canvas>,
    report: Vec<Canvas>,
}

impl<'a> Corrected<'a> {
    /// Lays everything out. A page or an annotation of a page that is not there is an error: nothing is left out.
    pub fn new(source: &'a Source, correction: &'a Correction) -> Result<Self, Error> {
        if correction.pages.is_empty() {
            return Err(Error::Empty);
        }
        let numbered = numbered(correction)?;
        let mut fonts = Fonts::new()?;
        let mut layers = Vec::with_capacity(correction.pages.len());
        for (place, page) in (0..).zip(&correction.pages) {
            source.page(*page)?;
            let size = Geometry::of(source.find(*page)?).displayed();
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
            source,
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
        let mut pages = Pages::of(self.source);
        for (page, layer) in self.correction.pages.iter().zip(&self.layers) {
            let page = self.source.find(*page)?;
            let geometry = Geometry::of(page);
            let layer = binding.layer(layer, geometry.displayed(), &geometry.matrix())?;
            let target = (&mut binding.output, binding.tree);
            let number = pages.write(page, &geometry, layer, target)?;
            binding.pages.push(number);
        }
        let entries = pages.finish(&mut binding.output)?;
        binding.finish(&self.report, &entries)
    }

    fn with_images(&self, zone: Option<&IdentityZone>, rendering: &Rendering) -> Result<Document<'a>, Error> {
        let mut binding = Binding::new(&self.fonts)?;
        for ((place, page), layer) in (0..).zip(&self.correction.pages).zip(&self.layers) {
            let zone = zone.filter(|zone| PageIndex::new(place).is_none_or(|place| zone.covers(place)));
            let image = match zone {
                Some(zone) => self.source.redact(*page, rendering, zone)?.display,
                None => self.source.rasterize(*page, rendering)?.display,
            };
            let size = Geometry::of(self.source.find(*page)?).displayed();
            let image = picture::write(image, &mut binding.output)?;
            let matrix = format!("1 0 0 -1 0 {}", decimal(size.1, 4));
            let layer = binding.layer(layer, size, &matrix)?;
            binding.image_page(size, image, layer)?;
        }
        binding.finish(&self.report, b"")
    }
}

/// The annotations in the order of reading, those with something to read with their numbers.
fn numbered(correction: &Correction) -> Result<Vec<Numbered<'_>>, Error> {
    let is_there = |annotation: &Annotation| crate::number::length(annotation.page) < correction.pages.len();
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
    resources: String,
    pages: Vec<Number>,
}

impl<'a> Binding<'a> {
    fn new(fonts: &Fonts) -> Result<Self, Error> {
        let mut output = Output::new();
        let tree = output.reserve()?;
        let fonts = fonts.embed(&mut output)?;
        Ok(Self {
            output,
            tree,
            resources: format!("/Resources << /Font << {fonts} >> {STATES} >>"),
            pages: Vec::new(),
        })
    }

    /// What is drawn over a page, if there is anything.
    fn layer(
        &mut self,
        canvas: &Canvas,
        (width, height): (f64, f64),
        matrix: &str,
    ) -> Result<Option<Number>, Error> {
        if canvas.is_empty() {
            return Ok(None);
        }
        let entries = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 {} {}] /Matrix [{matrix}] {}",
            decimal(width, 4),
            decimal(height, 4),
            self.resources
        );
        self.output.add_packed(&entries, canvas.content()).map(Some)
    }

    fn image_page(&mut self, size: (f64, f64), image: Number, layer: Option<Number>) -> Result<(), Error> {
        let (width, height) = (decimal(size.0, 4), decimal(size.1, 4));
        let (paint, layer) = match layer {
            Some(layer) => (" /Korrigo Do", format!(" /Korrigo {layer}")),
            None => ("", String::new()),
        };
        let content = format!("q {width} 0 0 {height} 0 0 cm /Im Do Q{paint}");
        let content = self.output.add_stream(b"", content.into_bytes())?;
        let page = format!(
            "<< /Type /Page /Parent {} /MediaBox [0 0 {width} {height}] /Contents {content} \
             /Resources << /XObject << /Im {image}{layer} >> >> >>",
            self.tree
        );
        let page = self.output.add(page.as_bytes())?;
        self.pages.push(page);
        Ok(())
    }

    /// Adds the report and ends the document. `entries` are further ones of its catalog.
    fn finish(mut self, report: &[Canvas], entries: &[u8]) -> Result<Document<'a>, Error> {
        let (width, height) = report::PAPER;
        for sheet in report {
            let mut content = format!("1 0 0 -1 0 {height} cm\n").into_bytes();
            content.extend_from_slice(sheet.content());
            let content = self.output.add_packed("", &content)?;
            let page = format!(
                "<< /Type /Page /Parent {} /MediaBox [0 0 {width} {height}] /Contents {content} {} >>",
                self.tree, self.resources
            );
            let page = self.output.add(page.as_bytes())?;
            self.pages.push(page);
        }
        document::finish(self.output, self.tree, &self.pages, entries)
    }
}
