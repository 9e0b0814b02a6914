//! The child's lines, read with bounds and checked against what a child may say.

use std::path::Path;

use domain::{FailureCode, IdentityZone, PageIndex};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

use super::cause::{Cause, ChildError};
use super::document_file::DocumentFile;
use super::image_file::{ImageFile, PageFile};
use super::protocol::{
    ANONYMOUS, Confinement, DOCUMENT, ImageLine, Line, PageLine, Purpose, Task, file_name,
};
use super::run::{CorrectedFiles, Done};

/// No line of a well-behaved child comes near this.
const MAX_LINE: u64 = 1024;

/// What the child said at the end.
#[derive(Debug)]
pub(super) enum Verdict {
    Done(Done),
    Corrected(CorrectedFiles),
    Refused(ChildError),
    Tried { refused: bool, confinement: Confinement },
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
    mut on_page: impl FnMut(PageFile),
) -> Result<Option<Verdict>, ChildError> {
    let mut progress = Progress {
        bounds,
        confinement: None,
        total: None,
        pages: 0,
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
        match progress.accept(line)? {
            Some(News::Total(pages)) => on_total(pages),
            Some(News::Page(page)) => on_page(*page),
            None => {}
        }
    }
}

/// What the caller wants to know at once.
enum News {
    Total(u32),
    Page(Box<PageFile>),
}

struct Progress<'a> {
    bounds: Bounds<'a>,
    confinement: Option<Confinement>,
    total: Option<u32>,
    pages: u32,
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
            Line::Page(page) => self.page(&page).map(|page| Some(News::Page(page.into()))),
            Line::Done => self.done().map(|()| None),
            Line::Corrected { pages, anonymous } => self.corrected(pages, anonymous).map(|()| None),
            Line::Failed { code } => {
                let code = code.parse::<FailureCode>().map_err(|_cause| Cause::Protocol)?;
                self.verdict = Some(Verdict::Refused(ChildError::reported(code)));
                Ok(None)
            }
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
        if page.index != self.pages || self.total.is_none_or(|total| page.index >= total) {
            return Err(Cause::Protocol);
        }
        let zone = zone.map(IdentityZone::from);
        let redacted =
            PageIndex::new(page.index).is_some_and(|index| zone.is_some_and(|zone| zone.covers(index)));
        if redacted != page.redacted.is_some() {
            return Err(Cause::Protocol);
        }
        self.pages += 1;
        Ok(PageFile {
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

    fn done(&mut self) -> Result<(), Cause> {
        match (self.confinement, self.total) {
            (Some(confinement), Some(total)) if total == self.pages => {
                self.verdict = Some(Verdict::Done(Done {
                    pages: total,
                    confinement,
                }));
                Ok(())
            }
            (Some(_) | None, Some(_) | None) => Err(Cause::Protocol),
        }
    }
}
