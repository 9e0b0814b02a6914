//! An open document. This is the only place where bytes become one.

use std::sync::Arc;

use domain::{IdentityZone, PageSize, Rectangle, Rotation};
use hayro::hayro_syntax::page::{Page, Rotation as Turn};
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use crate::encode::Encoded;
use crate::error::Error;
use crate::geometry::Geometry;
use crate::limits::Limits;
use crate::page::{PageImages, PageInfo};
use crate::raster::Raster;
use crate::rendering::{Rendering, Size};
use crate::scan::Images;
use crate::{content, encode, number, original, paint, scan, tree};

/// A page with less than this many points on a side shows nothing: its boxes are broken or lie beside each other.
const SMALLEST: f64 = 1.0;

/// A document that can be read without a password and keeps to the limits.
pub struct Source {
    pdf: Pdf,
    /// For every page its place in the engine's list.
    pages: Vec<usize>,
    limits: Limits,
}

impl Source {
    /// Opens a document: reads its structure, not yet its pages. A document that only its owner may change is
    /// open to everybody; one that needs a password to be read is [`Error::Encrypted`].
    pub fn open(bytes: impl AsRef<[u8]> + Send + Sync + 'static, limits: Limits) -> Result<Self, Error> {
        let pdf = Pdf::new(Arc::new(bytes)).map_err(refusal)?;
        let pages = tree::pages(&pdf, limits.max_pages)?;
        Ok(Self { pdf, pages, limits })
    }

    /// How many pages there are: at least one, and no more than the limit.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    /// Size and rotation of a page.
    pub fn page(&self, index: u32) -> Result<PageInfo, Error> {
        let page = self.find(index)?;
        let shown = page.intersected_crop_box();
        if shown.width() < SMALLEST || shown.height() < SMALLEST {
            return Err(Error::UnreadablePage);
        }
        let (width, height) = Geometry::of(page).displayed();
        let thousandths = |points: f64| number::nearest(points * 1000.0).ok_or(Error::PageTooLarge);
        Ok(PageInfo {
            size: PageSize {
                width: thousandths(width)?,
                height: thousandths(height)?,
            },
            rotation: match page.rotation() {
                Turn::None => Rotation::None,
                Turn::Horizontal => Rotation::Quarter,
                Turn::Flipped => Rotation::Half,
                Turn::FlippedHorizontal => Rotation::ThreeQuarters,
            },
        })
    }

    /// The display image and the thumbnail of a page. A page whose only content is a picture that cannot be decoded is
    /// an error; any other page is painted as far as it can be, as readers do.
    pub fn rasterize(&self, index: u32, rendering: &Rendering) -> Result<PageImages, Error> {
        if let Some(drawn) = self.with_looks(index)? {
            let info = self.page(index)?;
            let images = drawn.rasterize(0, rendering)?;
            return Ok(PageImages { info, ..images });
        }
        let info = self.page(index)?;
        let page = self.find(index)?;
        let size = rendering.size(Geometry::of(page).displayed(), &self.limits)?;
        content::check(page, self.limits.max_decoded_bytes)?;
        let scan = scan::recognise(page);
        if let Some(Images { display, thumbnail }) =
            scan.as_ref().and_then(|scan| scan.images(size, rendering))
        {
            return Ok(PageImages {
                info,
                display,
                thumbnail,
            });
        }
        let raster = painted(page, size, scan.is_some())?;
        Ok(PageImages {
            info,
            display: encode::display(&raster)?,
            thumbnail: encode::thumbnail(&raster.thumbnail(rendering.thumbnail_px)?)?,
        })
    }

    /// The images of a page without the pixels of a zone: they are gone, not covered.
    pub fn redact(
        &self,
        index: u32,
        rendering: &Rendering,
        zone: &IdentityZone,
    ) -> Result<PageImages, Error> {
        if let Some(drawn) = self.with_looks(index)? {
            let info = self.page(index)?;
            let images = drawn.redact(0, rendering, zone)?;
            return Ok(PageImages { info, ..images });
        }
        let info = self.page(index)?;
        let mut raster = self.raster(index, rendering)?;
        raster.blank(zone.area.fractions());
        Ok(PageImages {
            info,
            display: encode::display(&raster)?,
            thumbnail: encode::thumbnail(&raster.thumbnail(rendering.thumbnail_px)?)?,
        })
    }

    /// The image of a part of a page.
    pub fn crop(&self, index: u32, rendering: &Rendering, area: Rectangle) -> Result<Encoded, Error> {
        if let Some(drawn) = self.with_looks(index)? {
            return drawn.crop(0, rendering, area);
        }
        let raster = self.raster(index, rendering)?;
        encode::display(&raster.cropped(area.fractions())?)
    }

    /// The pixels of a page.
    fn raster(&self, index: u32, rendering: &Rendering) -> Result<Raster, Error> {
        let page = self.find(index)?;
        let size = rendering.size(Geometry::of(page).displayed(), &self.limits)?;
        content::check(page, self.limits.max_decoded_bytes)?;
        let scan = scan::recognise(page);
        let short = scan.as_ref().and_then(|scan| scan.raster(size, rendering));
        short.map_or_else(|| painted(page, size, scan.is_some()), Ok)
    }

    /// The page as a document of its own, if it has annotations that bring no look: the engine shows only those that
    /// have one.
    fn with_looks(&self, index: u32) -> Result<Option<Self>, Error> {
        let drawn = original::with_looks(self, self.find(index)?).transpose();
        // A page that cannot be written anew is shown without them.
        Ok(drawn
            .unwrap_or_default()
            .and_then(|document| Self::open(document.to_bytes(), self.limits).ok()))
    }

    /// The objects of the document.
    pub(crate) fn pdf(&self) -> &Pdf {
        &self.pdf
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn find(&self, index: u32) -> Result<&Page<'_>, Error> {
        let place = self.pages.get(number::length(index)).ok_or(Error::NoSuchPage)?;
        self.pdf.pages().get(*place).ok_or(Error::NoSuchPage)
    }
}

/// The general way. A page whose only content is a picture has to show it.
fn painted(page: &Page<'_>, size: Size, is_scan: bool) -> Result<Raster, Error> {
    let painting = paint::paint(page, size)?;
    if painting.incomplete && is_scan {
        return Err(Error::UnreadablePage);
    }
    Ok(painting.raster)
}

fn refusal(error: LoadPdfError) -> Error {
    match error {
        LoadPdfError::Decryption(
            DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm,
        ) => Error::Encrypted,
        LoadPdfError::Decryption(DecryptionError::MissingIDEntry | DecryptionError::InvalidEncryption)
        | LoadPdfError::Invalid => Error::Invalid,
    }
}
