//! The child's lines, read with bounds and checked against what a child may say.

use std::collections::BTreeSet;
use std::path::Path;

use domain::batch::{Anomaly, Piece, is_conserved};
use domain::{FailureCode, IdentityZone, PageCount, PageIndex, Reading};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::cause::{Cause, ChildError};
use super::document_file::{BookletFile, DocumentFile};
use super::image_file::{ImageFile, PageFile};
use super::protocol::{
    ANONYMOUS, AnomalyLine, BookletLine, Confinement, DOCUMENT, ImageLine, Line, PageLine, Purpose, Task,
    booklet_name, file_name,
};
use super::run::{CorrectedFiles, Done, TakenApart, Text};

/// No line of a well-behaved child comes near this: the longest says which pages a booklet has.
const MAX_LINE: u64 = 512 * 1024;

/// What the child said at the end.
pub(super) enum Verdict {
    Done(Done),
    Corrected(CorrectedFiles),
    Split(TakenApart),
    Read(Text),
    Refused(ChildError),
    Tried { refused: bool, confinement: Confinement },
}

/// Something that the child has made, ready to be stored.
#[derive(Debug)]
pub(super) enum Made {
    Page(PageFile),
    Booklet(BookletFile),
}

/// The bounds of what is believed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<'a> {
    pub(super) directory: &'a Path,
    pub(super) max_pages: u32,
    pub(super) image_limit: u64,
    pub(super) document_limit: u64,
    pub(super) task: Task,
}

/// Reads to the end of the child's lines. `None` if the child ended in the middle.
pub(super) async fn read(
    mut lines: impl AsyncBufRead + Unpin,
    bounds: Bounds<'_>,
    mut on_total: impl FnMut(u32),
    mut on_made: impl FnMut(Made),
) -> Result<Option<Verdict>, ChildError> {
    let mut progress = Progress {
        bounds,
        confinement: None,
        total: None,
        made: 0,
        pieces: Vec::new(),
        anomalies: BTreeSet::new(),
        verdict: None,
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        (&mut lines)
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .await
            .map_err(ChildError::parent)?;
        match line.last() {
            None => return Ok(progress.verdict),
            Some(b'\n') => {}
            Some(_) if u64::try_from(line.len()).is_ok_and(|length| length < MAX_LINE) => return Ok(None),
            Some(_) => return Err(Cause::Protocol.into()),
        }
        let line = serde_json::from_slice(&line).map_err(|_cause| Cause::Protocol)?;
        if matches!(line, Line::Reading) {
            return progress.read(lines).await.map(Some);
        }
        match progress.accept(line)? {
            Some(News::Total(pages)) => on_total(pages),
            Some(News::Made(made)) => on_made(*made),
            None => {}
        }
    }
}

/// What the caller wants to know at once.
enum News {
    Total(u32),
    Made(Box<Made>),
}

struct Progress<'a> {
    bounds: Bounds<'a>,
    confinement: Option<Confinement>,
    total: Option<u32>,
    /// Pages or booklets.
    made: u32,
    pieces: Vec<Piece>,
    anomalies: BTreeSet<Anomaly>,
    verdict: Option<Verdict>,
}

impl Progress<'_> {
    fn accept(&mut self, line: Line) -> Result<Option<News>, Cause> {
        if self.verdict.is_some() {
            return Err(Cause::Protocol);
        }
        match line {
            Line::Confined(confinement) => self.confined(confinement).map(|()| None),
            Line::Opened { pages } => self.opened(pages).map(|()| Some(News::Total(pages))),
            Line::Page(page) => Ok(Some(News::Made(Made::Page(self.page(&page)?).into()))),
            Line::Booklet(booklet) => {
                let booklet = self.booklet(&booklet)?;
                Ok(Some(News::Made(Made::Booklet(booklet).into())))
            }
            Line::Anomaly(anomaly) => self.anomaly(anomaly).map(|()| None),
            Line::Done => self.done().map(|()| None),
            Line::Corrected { pages, anonymous } => self.corrected(pages, anonymous).map(|()| None),
            Line::Failed { code } => {
                let code = code.parse::<FailureCode>().map_err(|_cause| Cause::Protocol)?;
                if code.is_of_reading() {
                    return Err(Cause::Protocol);
                }
                self.verdict = Some(Verdict::Refused(ChildError::reported(code)));
                Ok(None)
            }
            // It ends the lines, so it is not one of them.
            Line::Reading => Err(Cause::Protocol),
            Line::Panicked => {
                self.verdict = Some(Verdict::Refused(Cause::Panicked.into()));
                Ok(None)
            }
            Line::Tried { refused } => {
                let confinement = self.confinement.ok_or(Cause::Protocol)?;
                self.verdict = Some(Verdict::Tried { refused, confinement });
                Ok(None)
            }
        }
    }

    /// What the other program says: as much as is kept of a reading, and then to its end.
    async fn read(&self, mut said: impl AsyncBufRead + Unpin) -> Result<Verdict, ChildError> {
        let confinement = self.confinement.ok_or(Cause::Protocol)?;
        if !matches!(self.bounds.task, Task::Read) || self.verdict.is_some() {
            return Err(Cause::Protocol.into());
        }
        let mut kept = Vec::new();
        (&mut said)
            .take(u64::try_from(Reading::MAX_BYTES).unwrap_or(u64::MAX))
            .read_to_end(&mut kept)
            .await
            .map_err(ChildError::parent)?;
        tokio::io::copy(&mut said, &mut tokio::io::sink())
            .await
            .map_err(ChildError::parent)?;
        Ok(Verdict::Read(Text {
            reading: Reading::of(&String::from_utf8_lossy(&kept)),
            confinement,
        }))
    }

    fn confined(&mut self, confinement: Confinement) -> Result<(), Cause> {
        match self.confinement.replace(confinement) {
            None => Ok(()),
            Some(_) => Err(Cause::Protocol),
        }
    }

    fn opened(&mut self, pages: u32) -> Result<(), Cause> {
        let possible = self.confinement.is_some()
            && self.total.is_none()
            && (1..=self.bounds.max_pages).contains(&pages);
        self.total = Some(pages);
        if possible { Ok(()) } else { Err(Cause::Protocol) }
    }

    fn page(&mut self, page: &PageLine) -> Result<PageFile, Cause> {
        let Task::Import { zone } = self.bounds.task else {
            return Err(Cause::Protocol);
        };
        if page.index != self.made || self.total.is_none_or(|total| page.index >= total) {
            return Err(Cause::Protocol);
        }
        let zone = zone.map(IdentityZone::from);
        let redacted =
            PageIndex::new(page.index).is_some_and(|index| zone.is_some_and(|zone| zone.covers(index)));
        if redacted != page.redacted.is_some() {
            return Err(Cause::Protocol);
        }
        if page.identity.is_some() != (page.index == 0) {
            return Err(Cause::Protocol);
        }
        self.made += 1;
        let identity = page.identity.as_ref();
        Ok(PageFile {
            identity: identity
                .map(|image| self.image(page.index, Purpose::Identity, image))
                .transpose()?,
            index: page.index,
            info: page.info().ok_or(Cause::Protocol)?,
            display: self.image(page.index, Purpose::Display, &page.display)?,
            thumbnail: self.image(page.index, Purpose::Thumbnail, &page.thumbnail)?,
            redacted: match &page.redacted {
                Some(images) => Some((
                    self.image(page.index, Purpose::RedactedDisplay, &images.display)?,
                    self.image(page.index, Purpose::RedactedThumbnail, &images.thumbnail)?,
                )),
                None => None,
            },
        })
    }

    fn image(&self, index: u32, purpose: Purpose, image: &ImageLine) -> Result<ImageFile, Cause> {
        Ok(ImageFile {
            path: self.bounds.directory.join(file_name(index, purpose)),
            limit: self.bounds.image_limit,
            format: image.format().ok_or(Cause::Protocol)?,
            width: image.width,
            height: image.height,
        })
    }

    fn corrected(&mut self, pages: u32, anonymous: Option<u32>) -> Result<(), Cause> {
        let confinement = self.confinement.ok_or(Cause::Protocol)?;
        // The report adds at least one page to those of the copy.
        let possible = self.total.is_some() && pages > 1 && anonymous.is_none_or(|count| count > 1);
        if !possible || !matches!(self.bounds.task, Task::Finalize) {
            return Err(Cause::Protocol);
        }
        let file = |name: &str, pages| DocumentFile {
            path: self.bounds.directory.join(name),
            limit: self.bounds.document_limit,
            pages,
        };
        self.verdict = Some(Verdict::Corrected(CorrectedFiles {
            document: file(DOCUMENT, pages),
            anonymous: anonymous.map(|pages| file(ANONYMOUS, pages)),
            confinement,
        }));
        Ok(())
    }

    fn booklet(&mut self, booklet: &BookletLine) -> Result<BookletFile, Cause> {
        if !matches!(self.bounds.task, Task::Split { .. }) || booklet.index != self.made {
            return Err(Cause::Protocol);
        }
        let pieces = booklet.pieces().ok_or(Cause::Protocol)?;
        self.made += 1;
        self.pieces.extend(&pieces);
        // No page has more than two halves.
        if self.pieces.len() > 2 * usize::from(PageCount::MAX) {
            return Err(Cause::Protocol);
        }
        Ok(BookletFile {
            document: DocumentFile {
                path: self.bounds.directory.join(booklet_name(booklet.index)),
                limit: self.bounds.document_limit,
                pages: u32::try_from(pieces.len()).map_err(|_cause| Cause::Protocol)?,
            },
            pieces,
        })
    }

    fn anomaly(&mut self, anomaly: AnomalyLine) -> Result<(), Cause> {
        let page =
            PageIndex::new(anomaly.page).filter(|_| self.total.is_some_and(|total| anomaly.page < total));
        let kind = anomaly.kind;
        let page = page.ok_or(Cause::Protocol)?;
        let is_new = self.anomalies.insert(Anomaly { kind, page });
        if is_new && matches!(self.bounds.task, Task::Split { .. }) {
            Ok(())
        } else {
            Err(Cause::Protocol)
        }
    }

    fn done(&mut self) -> Result<(), Cause> {
        let (confinement, pages) = self.confinement.zip(self.total).ok_or(Cause::Protocol)?;
        let verdict = match self.bounds.task {
            Task::Import { .. } if pages == self.made => Verdict::Done(Done { pages, confinement }),
            // Conservation: every page of the scan is in one booklet.
            Task::Split { .. } if self.is_conserved(pages) => Verdict::Split(TakenApart {
                pages,
                anomalies: std::mem::take(&mut self.anomalies).into_iter().collect(),
                confinement,
            }),
            Task::Import { .. } | Task::Split { .. } | Task::Finalize | Task::Read | Task::Try(_) => {
                return Err(Cause::Protocol);
            }
        };
        self.verdict = Some(verdict);
        Ok(())
    }

    fn is_conserved(&self, pages: u32) -> bool {
        let pages = usize::try_from(pages).ok().and_then(PageCount::new);
        pages.is_some_and(|pages| is_conserved(pages, [self.pieces.as_slice()]))
    }
}
