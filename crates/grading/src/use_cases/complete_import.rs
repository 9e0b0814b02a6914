//! A worker delivers the pages of a copy.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::page::{ImageFormat, PageImage, Redacted};
use domain::{Digest, Page, PageCount, PageIndex, PageSize, Rotation, Task};
use telemetry::events::ImportCompleted;

use crate::app::App;
use crate::completion::{Completed, complete};
use crate::error::Error;
use crate::recorded;
use crate::report::{Report, attempted};

/// Pages, IMPORT event and the end of the job, in one transaction under the job's fence. Repeating it
/// answers the same; a late report is refused and changes nothing.
pub(crate) async fn run(
    app: &App,
    request: pb::CompleteImportRequest,
) -> Result<pb::CompleteImportReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let pages = parse_pages(&request.pages)?;
    let count = PageCount::new(pages.len()).ok_or_else(|| Problem::field("/pages", FieldCode::OutOfRange));
    let in_all = count.clone().map(|count| count.get().into());
    let completed = complete(app, "complete_import", report, in_all, move |tx, job| {
        let Task::Import(copy) = job.task else {
            return Err(Problem::field("/job_id", FieldCode::UnknownReference).into());
        };
        let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
        let booklet = copy.booklets.first().ok_or(Code::WrongState)?;
        tx.pages().insert_all(copy.id, booklet.id, &pages)?;
        let transition = copy.complete_import(count?, attempted(job, report))?;
        Ok((transition.copy().id, tx.record(&transition)?))
    });
    let completed = completed.await?;
    if let Completed::Now(job, (copy_id, event)) = &completed {
        recorded::publish(*event);
        telemetry::log(ImportCompleted {
            copy_id: *copy_id,
            job_id: job.id,
            pages: job.progress.total,
            attempt: job.attempt,
        });
    }
    Ok(pb::CompleteImportReply {
        accepted: completed.is_accepted(),
    })
}

fn parse_pages(pages: &[pb::ImportedPage]) -> Result<Vec<Page>, Problem> {
    let parsed: Option<Vec<Page>> = pages
        .iter()
        .enumerate()
        .map(|(index, page)| parse_page(index, page))
        .collect();
    parsed.ok_or_else(|| Problem::field("/pages", FieldCode::Malformed))
}

fn parse_page(index: usize, page: &pb::ImportedPage) -> Option<Page> {
    let rotation: Rotation = page.rotation.to_string().parse().ok()?;
    Some(Page {
        index: PageIndex::new(u32::try_from(index).ok()?)?,
        size: PageSize::new(page.width, page.height)?,
        rotation,
        display: parse_image(page.display.as_ref()?)?,
        thumbnail: parse_image(page.thumbnail.as_ref()?)?,
        redacted: match (&page.redacted_display, &page.redacted_thumbnail) {
            (None, None) => None,
            (Some(display), Some(thumbnail)) => Some(Redacted {
                display: parse_image(display)?,
                thumbnail: parse_image(thumbnail)?,
            }),
            (Some(_), None) | (None, Some(_)) => return None,
        },
        identity: match &page.identity {
            Some(image) => Some(parse_image(image)?),
            None => None,
        },
    })
}

fn parse_image(image: &pb::Image) -> Option<PageImage> {
    let digest: Digest = image.digest.parse().ok()?;
    let format: ImageFormat = image.media_type.parse().ok()?;
    Some(PageImage { digest, format })
}
