//! Pages of a copy.

use crate::digest::Digest;

/// Which page of a copy, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageIndex(u16);

impl PageIndex {
    /// `None` beyond what any document may have.
    #[must_use]
    pub fn new(index: u32) -> Option<Self> {
        u16::try_from(index)
            .ok()
            .filter(|index| *index < PageCount::MAX)
            .map(Self)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

/// How many pages a copy has: at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageCount(u16);

impl PageCount {
    /// No setting allows more pages in a document.
    pub const MAX: u16 = 10_000;

    /// `None` for zero and for more than [`PageCount::MAX`].
    #[must_use]
    pub fn new(count: usize) -> Option<Self> {
        u16::try_from(count)
            .ok()
            .filter(|count| (1..=Self::MAX).contains(count))
            .map(Self)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

/// The size of a page as it is displayed, in thousandths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize {
    /// Width in thousandths of a point.
    pub width: u32,
    /// Height in thousandths of a point.
    pub height: u32,
}

impl PageSize {
    /// `None` for a page without an area.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { width, height })
    }
}

closed_names! {
    /// By how much the page is turned clockwise for display, in degrees.
    Rotation {
        /// Upright.
        None = "0",
        /// A quarter turn.
        Quarter = "90",
        /// Upside down.
        Half = "180",
        /// Three quarters of a turn.
        ThreeQuarters = "270",
    }
}

/// What an import found out about one page, and the blobs it made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Which page.
    pub index: PageIndex,
    /// Size as displayed.
    pub size: PageSize,
    /// Rotation of the source; the images are already turned.
    pub rotation: Rotation,
    /// The image for reading and annotating.
    pub display: PageImage,
    /// The small image for overviews.
    pub thumbnail: PageImage,
    /// The same without what shows who wrote it, if the page has an identity zone.
    pub redacted: Option<Redacted>,
    /// Of the first page: the part that says who wrote the copy.
    pub identity: Option<PageImage>,
}

/// Images of a page in which the pixels of the identity zone are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The image for reading and annotating.
    pub display: PageImage,
    /// The small image for overviews.
    pub thumbnail: PageImage,
}

/// An image of a page: a blob and what a browser must know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageImage {
    /// The blob.
    pub digest: Digest,
    /// How it is encoded.
    pub format: ImageFormat,
}

closed_names! {
    /// How a page image is encoded, as a media type.
    ImageFormat {
        /// JPEG.
        Jpeg = "image/jpeg",
        /// PNG.
        Png = "image/png",
    }
}
