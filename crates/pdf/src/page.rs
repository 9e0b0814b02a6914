//! What is known of a page, and what is made of it.

use domain::{PageSize, Rotation};

use crate::encode::Encoded;

/// A page as a reader shows it: cropped, turned, in real points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageInfo {
    /// Size after cropping and turning, in thousandths of a point.
    pub size: PageSize,
    /// How the document asks to turn the page. The images are already turned.
    pub rotation: Rotation,
}

/// The images of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageImages {
    /// The page they show.
    pub info: PageInfo,
    /// For reading and annotating.
    pub display: Encoded,
    /// For overviews.
    pub thumbnail: Encoded,
}
