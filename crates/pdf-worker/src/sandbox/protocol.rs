//! What parent and child say to each other: one order as an argument, then lines of JSON from the child.

use domain::batch::{AnomalyKind, Part, Piece};
use domain::exam::ZonePages;
use domain::page::ImageFormat;
use domain::{IdentityZone, Layout, PageIndex, PageSize, Rectangle, Rotation};
use serde::{Deserialize, Serialize};

/// The subcommand under which the worker's binary is the child.
pub(crate) const SUBCOMMAND: &str = "child";
/// The document, in the child's directory.
pub(crate) const INPUT: &str = "input.pdf";

/// What correctors gave a copy, in the child's directory: the input of the job as the contract writes it.
pub(crate) const CORRECTION: &str = "correction";
/// The corrected document, in the child's directory.
pub(crate) const DOCUMENT: &str = "document.pdf";
/// The one that does not show who wrote the copy.
pub(crate) const ANONYMOUS: &str = "anonymous.pdf";

/// What the child is to do, and within which bounds. Numbers only: it is visible in the list of processes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) task: Task,
    pub(crate) parent: u32,
    pub(crate) memory_limit: u64,
    pub(crate) cpu_seconds: u64,
    pub(crate) file_limit: u64,
    pub(crate) max_pages: u32,
    pub(crate) max_pixels_per_page: u64,
    pub(crate) max_decoded_bytes: u64,
    pub(crate) dpi: u16,
    pub(crate) max_display_pixels: u32,
    pub(crate) max_passed_on_bytes: u32,
    pub(crate) thumbnail_px: u16,
}

/// What a child is for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Every page as images; where a zone is on it, also without the zone.
    Import { zone: Option<Zone> },
    /// The corrected document.
    Finalize,
    /// A document of its own of every booklet.
    Split { pages_per_copy: u16, layout: Layout },
    /// What is written in an image, by a program that is not ours.
    Read,
    /// Something that must not succeed.
    Try(Trial),
}

/// Where pupils write who they are, in millionths of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Zone {
    every_page: bool,
    area: [u32; 4],
}

impl From<IdentityZone> for Zone {
    fn from(zone: IdentityZone) -> Self {
        Self {
            every_page: zone.pages == ZonePages::All,
            area: [zone.area.x, zone.area.y, zone.area.w, zone.area.h],
        }
    }
}

impl From<Zone> for IdentityZone {
    fn from(zone: Zone) -> Self {
        let pages = if zone.every_page {
            ZonePages::All
        } else {
            ZonePages::First
        };
        let [x, y, w, h] = zone.area;
        Self {
            pages,
            area: Rectangle { x, y, w, h },
        }
    }
}

/// One line from the child.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Line {
    /// First: how far the child is confined.
    Confined(Confinement),
    /// Second: the document is open and has this many pages.
    Opened { pages: u32 },
    /// The files of the next page are written.
    Page(PageLine),
    /// The document of the next booklet is written.
    Booklet(BookletLine),
    /// Something about the scan that people have to look at.
    Anomaly(AnomalyLine),
    /// Last: all pages, or all booklets, are written.
    Done,
    /// Last: the corrected document is written, and the anonymous one if there was to be one.
    Corrected { pages: u32, anonymous: Option<u32> },
    /// Last: from here on the other program speaks, and what it says is what it read.
    Reading,
    /// Last: the document is refused.
    Failed { code: String },
    /// Last: the engine panicked.
    Panicked,
    /// Last, of a trial: whether it was refused.
    Tried { refused: bool },
}

/// Something that no child may do, tried on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trial {
    /// Look into the directory of all jobs, or into a file of the system.
    Read,
    /// Look into a file of another job. Its path stands where the document would be.
    Peek,
    /// Leave a file there.
    Write,
    /// Open a connection.
    Connect,
    /// Start another process.
    Spawn,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageLine {
    pub(crate) index: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rotation: String,
    pub(crate) display: ImageLine,
    pub(crate) thumbnail: ImageLine,
    pub(crate) redacted: Option<RedactedLine>,
    /// Only of the first page: the part that says who wrote the copy.
    pub(crate) identity: Option<ImageLine>,
}

/// The images without the identity zone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedactedLine {
    pub(crate) display: ImageLine,
    pub(crate) thumbnail: ImageLine,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImageLine {
    pub(crate) format: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Which parts of the scan are in a booklet, in the order of reading.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookletLine {
    pub(crate) index: u32,
    pub(crate) pieces: Vec<(u32, Part)>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnomalyLine {
    pub(crate) kind: AnomalyKind,
    pub(crate) page: u32,
}

/// What holds the child, as it found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confinement {
    /// Files: the own directory and nothing else.
    pub files: Layer,
    /// Network: none.
    pub network: Layer,
    /// System calls: those that painting needs.
    pub system_calls: Layer,
}

/// A child that was to become another program ends with this if it did not: as shells say it.
pub(crate) const NOT_BECOME: u8 = 127;

/// How far a layer of confinement is in force on this kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// All of it.
    Full,
    /// Some of it: the kernel is older than the rule.
    Partial,
    /// Nothing: the kernel does not know it.
    Absent,
}

impl Layer {
    /// The fixed name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Absent => "absent",
        }
    }
}

impl From<Layer> for &'static str {
    fn from(layer: Layer) -> &'static str {
        layer.as_str()
    }
}

/// Which of the images of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Display,
    Thumbnail,
    RedactedDisplay,
    RedactedThumbnail,
    Identity,
}

/// The name of an image file: both sides know it, so it is never sent.
pub(crate) fn file_name(index: u32, purpose: Purpose) -> String {
    match purpose {
        Purpose::Display => format!("{index:05}.display"),
        Purpose::Thumbnail => format!("{index:05}.thumbnail"),
        Purpose::RedactedDisplay => format!("{index:05}.redacted.display"),
        Purpose::RedactedThumbnail => format!("{index:05}.redacted.thumbnail"),
        Purpose::Identity => format!("{index:05}.identity"),
    }
}

/// The name of a document that goes in. A corrected copy may come of several.
pub(crate) fn source_name(index: usize) -> String {
    match index {
        0 => INPUT.to_owned(),
        more => format!("{more:05}.{INPUT}"),
    }
}

/// The name of the document of a booklet.
pub(crate) fn booklet_name(index: u32) -> String {
    format!("{index:05}.booklet.pdf")
}

impl BookletLine {
    pub(crate) fn new(index: u32, pieces: &[Piece]) -> Self {
        let pieces = pieces.iter().map(|piece| (piece.page.get().into(), piece.part));
        Self {
            index,
            pieces: pieces.collect(),
        }
    }

    /// The pieces as the child claims they are; `None` if no booklet can be like that.
    pub(crate) fn pieces(&self) -> Option<Vec<Piece>> {
        let piece = |(page, part): &(u32, Part)| {
            Some(Piece {
                page: PageIndex::new(*page)?,
                part: *part,
            })
        };
        let pieces: Option<Vec<Piece>> = self.pieces.iter().map(piece).collect();
        pieces.filter(|pieces| !pieces.is_empty())
    }
}

impl PageLine {
    pub(crate) fn new(
        index: u32,
        images: &pdf::PageImages,
        redacted: Option<&pdf::PageImages>,
        identity: Option<&pdf::Encoded>,
    ) -> Self {
        Self {
            index,
            width: images.info.size.width,
            height: images.info.size.height,
            rotation: images.info.rotation.to_string(),
            display: ImageLine::new(&images.display),
            thumbnail: ImageLine::new(&images.thumbnail),
            redacted: redacted.map(|images| RedactedLine {
                display: ImageLine::new(&images.display),
                thumbnail: ImageLine::new(&images.thumbnail),
            }),
            identity: identity.map(ImageLine::new),
        }
    }

    /// The page as the child claims it is; `None` if no page can be like that.
    pub(crate) fn info(&self) -> Option<pdf::PageInfo> {
        let size = PageSize {
            width: self.width,
            height: self.height,
        };
        let rotation = self.rotation.parse::<Rotation>().ok()?;
        (size.width > 0 && size.height > 0).then_some(pdf::PageInfo { size, rotation })
    }
}

impl ImageLine {
    fn new(image: &pdf::Encoded) -> Self {
        Self {
            format: image.format.to_string(),
            width: image.width,
            height: image.height,
        }
    }

    pub(crate) fn format(&self) -> Option<ImageFormat> {
        self.format.parse().ok()
    }
}
